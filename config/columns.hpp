// The columns of a sink: a list of mappings such as
// {name: price, from: [/data/price, /price], type: number, required: true}.

#pragma once

#include "config/document.hpp"
#include "config/fields.hpp"

#include <map>
#include <string>

namespace sluice::config {

/// The keys of one column.
[[nodiscard]] const field& column_keys();

/// Makes columns of keys that are checked one by one: checks the rules that
/// join several keys or columns.
class column_reader {
public:
  explicit column_reader(finding_list& findings) : findings_{findings} {}

  /// Adds a column. `from` is the column as written, `keys` what is valid of
  /// it, `path` its name in messages: "sinks[0].columns[2]". A column that
  /// lacks a valid name or source is left out.
  void add(const node& from, const section& keys, const std::string& path);

  [[nodiscard]] column_list take() { return std::move(columns_); }

private:
  void
  check_name(const node& from, const column& made, const std::string& path);
  void set_source(const node& from, const section& keys, column& made,
                  const std::string& path);
  void set_type(const node& from, const section& keys, column& made,
                const std::string& path);
  void set_rules(const node& from, const section& keys, column& made,
                 const std::string& path);
  void refuse(const node& from, std::string_view key, const std::string& path,
              const std::string& rest);

  finding_list& findings_;
  column_list columns_;
  std::map<std::string, std::string> names_; ///< in lower case, and where
};

/// What the columns write, as text that changes with it. `on_missing` and
/// `on_mismatch` are left out: after one of them has stopped a job, the user
/// may change it and continue.
[[nodiscard]] std::string canonical_text(const column_list& columns);

} // namespace sluice::config

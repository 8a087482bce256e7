// Reads one key's value: turns a scalar, list or mapping of the document into
// the value its field expects, or adds a finding.

#pragma once

#include "config/check.hpp"

#include <optional>

namespace sluice::config {

class value_reader {
public:
  value_reader(const check_options& options, finding_list& findings)
      : options_{options}, findings_{findings} {}

  /// Reads `from` for `spec`, which must not be a section, a typed list or
  /// columns. Messages call it `path`. Returns nullopt after adding a finding.
  [[nodiscard]] std::optional<value>
  read(const node& from, const field& spec, const std::string& path);

  /// True for a list with enough items for `spec`; otherwise adds a finding.
  [[nodiscard]] bool
  is_list(const node& from, const field& spec, const std::string& path);

  /// Adds a finding: `from` is not valid for `path`; says what to write
  /// instead.
  void refuse(const node& from, const field& spec, const std::string& path,
              const std::string& reason = {});

private:
  std::optional<std::string>
  text_of(const node& from, const field& spec, const std::string& path);
  std::optional<std::string>
  read_text(const node& from, const field& spec, const std::string& path);
  std::optional<value>
  read_plain(const node& from, const field& spec, const std::string& path);
  std::optional<value>
  read_secret(const node& from, const field& spec, const std::string& path);
  std::optional<value>
  read_lone_text(const node& from, const field& spec, const std::string& path);
  std::optional<value>
  read_texts(const node& from, const field& spec, const std::string& path);
  std::optional<value>
  read_integers(const node& from, const field& spec, const std::string& path);
  std::optional<value>
  read_pairs(const node& from, const field& spec, const std::string& path);
  std::optional<value>
  read_map(const node& from, const field& spec, const std::string& path);
  std::optional<value>
  read_template(const node& from, const field& spec, const std::string& path);
  std::optional<text_pairs>
  pairs_of(const node& from, const field& spec, const std::string& path);

  const check_options& options_;
  finding_list& findings_;
};

/// The value as written, for messages. References stay unresolved because their
/// values may be secret.
[[nodiscard]] std::string shown(const node& from);

/// "sinks[0]"
[[nodiscard]] std::string indexed(const std::string& path, size_t index);

} // namespace sluice::config

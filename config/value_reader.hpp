// One key's value: a scalar, list or mapping of the document → the value that
// its field wants, or a finding.

#pragma once

#include "config/check.hpp"

#include <optional>

namespace sluice::config {

class value_reader {
public:
  value_reader(const check_options& options, finding_list& findings)
      : options_{options}, findings_{findings} {}

  /// Reads `from` for `spec`, which is no section or typed list; `path` is
  /// what sentences call it. nullopt: a finding was added.
  [[nodiscard]] std::optional<value>
  read(const node& from, const field& spec, const std::string& path);

  /// True for a list with as many items as `spec` wants; else a finding.
  [[nodiscard]] bool
  is_list(const node& from, const field& spec, const std::string& path);

  /// Adds: `from` is no value for `path`; what to write instead.
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

/// The value as written, for sentences: never what a reference stands for,
/// which may be secret.
[[nodiscard]] std::string shown(const node& from);

/// "sinks[0]"
[[nodiscard]] std::string indexed(const std::string& path, size_t index);

} // namespace sluice::config

// Parses YAML into a tree that records the place of each key and value. Nothing
// is interpreted yet: scalars are text. Hostile files are refused here: too
// large, too deep, too many nodes, aliases, duplicate keys.
//
// Config files, profiles, the values of `--set` and the defaults of specs are
// all read here. Only config/ uses a `node`.

#pragma once

#include "config/finding.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

struct member;

struct node {
  enum class kind { null, scalar, list, mapping };
  kind is = kind::null;
  std::string text{};          ///< scalar
  bool quoted = false;         ///< scalar
  std::vector<node> items;     ///< list
  std::vector<member> members; ///< mapping, in the order of the file
  place at{};

  /// The member's value, or nullptr.
  [[nodiscard]] const node* find(std::string_view key) const;
  [[nodiscard]] node* find(std::string_view key);

  /// The place of the member's key, or of this node if there is no such member.
  [[nodiscard]] const place& place_of(std::string_view key) const;
};

struct member {
  std::string key;
  place at;
  node value;
};

inline constexpr size_t max_document_bytes = 1 << 20;
inline constexpr size_t max_document_depth = 32;
inline constexpr size_t max_document_nodes = 100'000;
/// Brackets, commas and colons.
inline constexpr size_t max_document_marks = 20'000;

/// Parses one document. Returns nullopt, after adding at least one finding, if
/// the text cannot be parsed. Duplicate keys and the like are findings, too,
/// but a tree is returned. `file` names the text in findings.
[[nodiscard]] std::optional<node> parse_document(const std::string& text,
                                                 const std::string& file,
                                                 finding_list& findings);

/// Reads a file of at most `max_document_bytes`; on failure adds a finding at
/// `referrer` and returns nullopt.
[[nodiscard]] std::optional<std::string> read_text_file(const std::string& path,
                                                        const place& referrer,
                                                        finding_list& findings);

/// "a mapping", "a list", "a single value" or "an empty value", for messages.
[[nodiscard]] std::string_view describe(const node& value);

} // namespace sluice::config

// YAML text → a tree that knows where each key and value stands. Nothing is
// interpreted yet: scalars are text. Hostile files are refused here: too
// large, too deep, too many parts, aliases, duplicate keys.

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

  /// Where the member's key stands; without such a member, where this does.
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

/// Parses one document. nullopt: at least one finding was added, and nothing
/// can be said of the rest. Duplicate keys and the like are findings too, but
/// a tree is returned. `file` names the text in findings.
[[nodiscard]] std::optional<node> parse_document(const std::string& text,
                                                 const std::string& file,
                                                 finding_list& findings);

/// Reads a file of at most `max_document_bytes`; on failure adds a finding at
/// `referrer` and returns nullopt.
[[nodiscard]] std::optional<std::string> read_text_file(const std::string& path,
                                                        const place& referrer,
                                                        finding_list& findings);

/// "a mapping", "a list", "a value", "nothing": for sentences.
[[nodiscard]] std::string_view describe(const node& value);

} // namespace sluice::config

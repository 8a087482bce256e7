// A checked profile file, not yet a dialect, and what several of its sections
// have in common: paths, queries, JSON Pointers and statuses.

#pragma once

#include "config/check.hpp"
#include "core/api/api_profile.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

/// A checked profile file, with the files that it extends.
struct checked_profile {
  const node& root;
  const section& values; ///< by `profile_fields`
  finding_list& findings;

  /// Adds a finding at the key `path`, or where it would be.
  void refuse(std::string_view path, std::string_view message) const {
    findings.add(place_in(root, path), message);
  }

  [[nodiscard]] std::string text_or_empty(std::string_view key) const {
    return values.has(key) ? values.text(key) : std::string{};
  }

  [[nodiscard]] uint32_t number(std::string_view key) const {
    return static_cast<uint32_t>(values.get<int64_t>(key));
  }

  [[nodiscard]] const std::vector<std::string>&
  texts(std::string_view key) const {
    return values.get<std::vector<std::string>>(key);
  }

  [[nodiscard]] std::vector<int> statuses(std::string_view key) const {
    auto& list = values.get<std::vector<int64_t>>(key);
    return {list.begin(), list.end()};
  }
};

[[nodiscard]] field path_field(std::string help);
[[nodiscard]] field query_field();
[[nodiscard]] field
pointer_field(std::string name, std::string help, bool required);
[[nodiscard]] field
statuses_field(std::string name, std::string help, std::string usual);

/// The names that a section's templates may use.
using template_names = std::set<std::string, std::less<>>;

/// Refuses a ${…} in the value of `path` whose name is not in `known`.
void check_template(const checked_profile& profile, std::string_view path,
                    std::string_view text, const template_names& known);

/// The `path` and the `query` of the section `part`.
[[nodiscard]] std::string build_path(const checked_profile& profile,
                                     const std::string& part,
                                     const template_names& known);
[[nodiscard]] query_template build_query(const checked_profile& profile,
                                         const std::string& part,
                                         const template_names& known);

} // namespace sluice::config

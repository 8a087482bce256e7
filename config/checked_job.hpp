// A config file that is checked but not yet turned into settings.

#pragma once

#include "config/check.hpp"
#include "config/settings.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::config {

/// A checked config file. Invalid keys are unset or have their defaults; the
/// sections' rules still check the others, so that everything is reported at
/// once.
struct checked_job {
  const node& root;
  const field& spec;     ///< `job_fields`
  const section& values; ///< by `spec`
  std::filesystem::path file;
  finding_list& findings;
  bool needs_key = true; ///< false for a rehearsal

  [[nodiscard]] std::filesystem::path folder() const {
    return file.parent_path();
  }

  /// Adds a finding at the key `path`, or where it would be.
  void refuse(std::string_view path, std::string_view message) const {
    findings.add(place_in(root, path), message);
  }

  /// A section's key as the file or --set gives it, valid or not; nullptr if it
  /// is absent.
  [[nodiscard]] const node*
  find(std::string_view part, std::string_view key) const {
    auto found = root.find(part);
    return found == nullptr ? nullptr : found->find(key);
  }

  /// The key's value if it has one of this type, else `fallback`.
  template <class T>
  [[nodiscard]] T get_or(std::string_view name, T fallback) const {
    return values.has(name) ? values.get<T>(name) : std::move(fallback);
  }
};

/// Calls `visit(spec, name)` for each key that is set in `values`. Keys of
/// nested sections have dotted names.
template <class Visit>
void for_each_field(const section& values, const field& spec, Visit visit,
                    const std::string& prefix = {}) {
  for (auto& child : spec.children) {
    auto name = prefix + child.name;
    if (child.kind == field_kind::section)
      for_each_field(values, child, visit, name + ".");
    else if (values.has(name))
      visit(child, name);
  }
}

} // namespace sluice::config

// Checked values → settings, with the rules that join several keys.

#pragma once

#include "config/check.hpp"
#include "config/settings.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::config {

/// What a config file came to, on the way to settings. Where its keys had
/// something wrong, values are unset or defaults: the rules below still look
/// at the others, so that everything is reported at once.
struct checked_job {
  const node& root;
  const field& spec;     ///< `job_fields`
  const section& values; ///< by `spec`
  std::filesystem::path file;
  finding_list& findings;
  bool needs_key = true; ///< false: only rehearsed

  [[nodiscard]] std::filesystem::path folder() const {
    return file.parent_path();
  }

  /// Adds a finding at the key `path`, or where it would be.
  void refuse(std::string_view path, std::string message) const {
    findings.add(place_in(root, path), std::move(message));
  }

  /// What the file or --set says of a section's key, right or wrong;
  /// nullptr when it is not written.
  [[nodiscard]] const node*
  find(std::string_view part, std::string_view key) const {
    auto found = root.find(part);
    return found == nullptr ? nullptr : found->find(key);
  }

  /// The key's value when it has one of this type.
  template <class T>
  [[nodiscard]] T get_or(std::string_view name, T fallback) const {
    return values.has(name) ? values.get<T>(name) : std::move(fallback);
  }
};

/// Calls `visit(spec, name)` for each key of `values` that is set, those of
/// sections within it included, by their dotted names.
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

/// Everything. When findings were added, the result is not to be used.
[[nodiscard]] settings build_settings(const checked_job& job);

/// The API part, its profile loaded; findings in the profile's files included.
[[nodiscard]] api_settings build_api(const checked_job& job);

/// `profile`: null where it has something wrong.
[[nodiscard]] run_settings
build_runs(const checked_job& job, const api_profile* profile);

/// The sinks, named, no two names alike.
[[nodiscard]] std::vector<sink_settings> build_sinks(const checked_job& job);

/// Every secret that the job's own keys hold.
[[nodiscard]] std::vector<named_secret>
build_secrets(const checked_job& job, const std::vector<sink_settings>& sinks);

/// Every file that `job` names or, by its name, implies.
[[nodiscard]] std::vector<named_file>
build_files(const checked_job& job, const settings& built);

} // namespace sluice::config

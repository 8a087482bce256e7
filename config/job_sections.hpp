// The sections of a config file. The source of a section, such as
// poll_section.cpp, describes its keys and turns their values into settings.

#pragma once

#include "config/checked_job.hpp"

#include <optional>
#include <span>
#include <vector>

namespace sluice::config {

[[nodiscard]] field api_fields();
/// With the profile loaded. Adds findings for the profile's files, too.
[[nodiscard]] api_settings build_api(const checked_job& job);

[[nodiscard]] field input_fields();
[[nodiscard]] input_options build_input(const checked_job& job);

[[nodiscard]] field runs_fields();
/// `profile` is null if it is invalid.
[[nodiscard]] run_settings
build_runs(const checked_job& job, const api_profile* profile);

[[nodiscard]] field poll_fields();
[[nodiscard]] poll_settings build_poll(const checked_job& job);

[[nodiscard]] field captures_fields();
/// `profile` is null if it is invalid.
[[nodiscard]] capture_settings
build_captures(const checked_job& job, const api_profile* profile);

[[nodiscard]] field sinks_fields(std::span<const sink_spec> sinks);
/// The sinks, each with a unique name.
[[nodiscard]] std::vector<sink_settings> build_sinks(const checked_job& job);

[[nodiscard]] field notify_fields();
[[nodiscard]] std::optional<notify_settings>
build_notify(const checked_job& job);

[[nodiscard]] field log_fields();
[[nodiscard]] log_settings build_log(const checked_job& job);

// Of all sections:

/// Every secret in the job's own keys.
[[nodiscard]] std::vector<named_secret>
build_secrets(const checked_job& job, const std::vector<sink_settings>& sinks);

/// Every file that `job` names or, by its name, implies.
[[nodiscard]] std::vector<named_file>
build_files(const checked_job& job, const settings& built);

} // namespace sluice::config

// The sections of a profile file. The source of a section, such as
// profile_submit.cpp, describes its keys and turns their values into a part of
// the dialect.

#pragma once

#include "config/checked_profile.hpp"

#include <optional>

namespace sluice::config {

[[nodiscard]] field auth_fields();
[[nodiscard]] auth_scheme build_auth(const checked_profile& profile);

[[nodiscard]] field rate_fields();
void build_rate(const checked_profile& profile, api_profile& out);

[[nodiscard]] field submit_fields();
[[nodiscard]] submit_dialect build_submit(const checked_profile& profile);

[[nodiscard]] field status_fields();
[[nodiscard]] status_dialect build_status(const checked_profile& profile);

[[nodiscard]] field results_fields();
/// `known`: the names that its templates may use.
[[nodiscard]] results_dialect
build_results(const checked_profile& profile, const template_names& known);

/// `results.page`
[[nodiscard]] field page_fields();
[[nodiscard]] pagination build_pagination(const checked_profile& profile);

[[nodiscard]] field download_fields();
[[nodiscard]] std::optional<download_dialect>
build_download(const checked_profile& profile, const template_names& known);

[[nodiscard]] field find_fields();
[[nodiscard]] std::optional<find_dialect>
build_find(const checked_profile& profile);

} // namespace sluice::config

// The specs of all keys of a profile file.

#pragma once

#include "config/fields.hpp"
#include "core/api/api_profile.hpp"

#include <string>
#include <vector>

namespace sluice::config {

/// A section whose children are all the keys of a profile file.
[[nodiscard]] const field& profile_fields();

/// The keys of `results.page` that a kind of pagination cannot do without.
[[nodiscard]] std::vector<std::string>
page_keys_needed_by(pagination::kind kind);

} // namespace sluice::config

// The specs of all keys of a profile file.

#pragma once

#include "config/fields.hpp"

namespace sluice::config {

/// A section whose children are all the keys of a profile file.
[[nodiscard]] const field& profile_fields();

} // namespace sluice::config

// The specs of every key of a profile file.

#pragma once

#include "config/fields.hpp"

namespace sluice::config {

/// A section whose children are all keys of a profile file.
[[nodiscard]] const field& profile_fields();

} // namespace sluice::config

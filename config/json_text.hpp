// Writes part of a document as JSON text: the template of a profile's
// submit.body.

#pragma once

#include "config/document.hpp"

#include <string>

namespace sluice::config {

/// Compact JSON, with members in their original order. Unquoted numbers, true,
/// false and null keep their meaning; every other scalar is a string.
[[nodiscard]] std::string json_text(const node& value);

} // namespace sluice::config

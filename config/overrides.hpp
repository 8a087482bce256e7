// --set path.to[0].key=value: changes the document before it is checked, so
// that overrides are checked like the file.

#pragma once

#include "config/document.hpp"
#include "config/fields.hpp"

#include <span>
#include <string>

namespace sluice::config {

/// Applies each override to `root`, in order. A value that begins with [ { " or
/// ' is a list, a mapping or quoted text; any other is plain text. In a mapping
/// of names to strings, the rest of the path is one name, dots included:
/// runs.robot.shop.example=rbt_1.
void apply_overrides(node& root, const field& spec,
                     std::span<const std::string> overrides,
                     finding_list& findings);

} // namespace sluice::config

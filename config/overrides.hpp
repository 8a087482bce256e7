// --set path.to[0].key=value: changes to the document before it is checked,
// so that what is set is checked like what is written.

#pragma once

#include "config/document.hpp"
#include "config/fields.hpp"

#include <span>
#include <string>

namespace sluice::config {

/// Puts each override into `root`, in order. The value is a list, mapping or
/// quoted text when it begins with [ { " or ', else text as it stands. In a
/// mapping of names to texts the rest of the path is one name, dots and all:
/// runs.robot.shop.example=rbt_1.
void apply_overrides(node& root, const field& spec,
                     std::span<const std::string> overrides,
                     finding_list& findings);

} // namespace sluice::config

// Decides whether a value of a capture is of a column's type.

#pragma once

#include "core/select/row_selector.hpp"
#include "core/select/row_walk.hpp"

#include <string>

namespace sluice {

/// Makes `out` the cell of `wanted` for `value`: mismatched if the value is of
/// another type or too long. The cell's text is a view of `value` or of
/// `scratch`. REQUIRES: `value` is not null.
void set_cell(cell& out, const column& wanted, const found_value& value,
              std::string& scratch);

} // namespace sluice

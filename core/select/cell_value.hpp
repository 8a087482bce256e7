// Decides whether a value of a capture is of a column's type.

#pragma once

#include "core/select/row_selector.hpp"
#include "core/select/row_walk.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// The text of `value` as a cell of `wanted`; nullopt if it is of another type
/// or too long. The cell's text is a view of `value`, of `scratch` or of a
/// literal. REQUIRES: `value` is not null.
[[nodiscard]] std::optional<cell>
cell_of(const column& wanted, const found_value& value, std::string& scratch);

} // namespace sluice

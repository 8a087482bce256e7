// Reads a JSON list: the field of every object in one array. The array may have
// any length, since only one element is in memory.

#pragma once

#include "core/input/json_field.hpp"
#include "core/input/list_reader.hpp"
#include "core/input/text_reader.hpp"

#include <memory>

namespace sluice {

/// An element is invalid unless it is a JSON object that has the field. A list
/// that does not begin with '[', ends inside the array, or continues after it
/// cannot be read (ec::input).
[[nodiscard]] std::unique_ptr<list_reader>
make_json_array_reader(text_reader text, json_field field);

} // namespace sluice

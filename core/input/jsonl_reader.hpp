// Reads a JSON Lines list: the field of every object.

#pragma once

#include "core/input/json_field.hpp"
#include "core/input/list_reader.hpp"
#include "core/input/text_reader.hpp"

#include <memory>

namespace sluice {

/// A line is invalid unless it is a JSON object that has the field.
[[nodiscard]] std::unique_ptr<list_reader>
make_jsonl_reader(text_reader text, json_field field);

} // namespace sluice

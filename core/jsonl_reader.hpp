// Records of a JSON Lines list: the named member of every object.

#pragma once

#include "core/list_reader.hpp"
#include "core/text_reader.hpp"

#include <memory>
#include <string>

namespace sluice {

inline constexpr size_t longest_json_line = 1024 * 1024;

/// A line is invalid when it is not one JSON object (json_reader.hpp), or when
/// its member is missing, not a string, or given twice. What other members
/// hold does not matter.
[[nodiscard]] std::unique_ptr<list_reader>
make_jsonl_reader(text_reader text, std::string member);

} // namespace sluice

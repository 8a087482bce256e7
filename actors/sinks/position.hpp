// How sinks record their positions: one line of named numbers, "v1 captures=12
// base=0 length=3456", readable in the ledger.

#pragma once

#include "actors/sinks/output_file.hpp"
#include "core/base/error.hpp"
#include "core/model/checkpoint.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

using position_numbers = std::map<std::string, uint64_t, std::less<>>;

[[nodiscard]] sink_position write_position(const position_numbers& numbers);

/// Reads a position of the sink `name`, which must contain every number in
/// `required`. Errors: ec::ledger_unusable.
[[nodiscard]] caf::expected<position_numbers>
read_position(const sink_position& text, std::string_view name,
              std::initializer_list<std::string_view> required);

/// The part of a position that describes a file: "base", "length" and "tail" (0
/// if absent). nullopt if there is no file yet.
[[nodiscard]] std::optional<file_extent>
extent_in(const position_numbers& numbers);

/// Writes this part of a position.
void put_extent(position_numbers& numbers, const file_extent& extent);

/// Removes this part of a position.
void remove_extent(position_numbers& numbers);

/// The entry that counts captures given up with lost files.
inline constexpr const char* given_up_entry = "given_up";

/// The number under `name`; 0 if absent.
[[nodiscard]] uint64_t
number_in(const position_numbers& numbers, std::string_view name);

// For positions made by `write_position`; 0 and false for others.
[[nodiscard]] uint64_t given_up_in(const sink_position& text);
/// Whether its file extends beyond its base.
[[nodiscard]] bool has_content_by(const sink_position& text);

} // namespace sluice

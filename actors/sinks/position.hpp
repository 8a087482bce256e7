// How the sinks write down where they stand: one line of named numbers,
// "v1 captures=12 base=0 length=3456", readable in the ledger.

#pragma once

#include "core/error.hpp"
#include "core/ledger.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace sluice {

using position_numbers = std::map<std::string, uint64_t, std::less<>>;

[[nodiscard]] sink_position write_position(const position_numbers& numbers);

/// Reads a position of the sink `name`, which must hold every number of
/// `required`. Errors: ec::ledger_unusable.
[[nodiscard]] caf::expected<position_numbers>
read_position(const sink_position& text, std::string_view name,
              std::initializer_list<std::string_view> required);

} // namespace sluice

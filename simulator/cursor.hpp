// Cursors: opaque text that says where a run's listing goes on. They are
// signed, so whoever makes one up, or uses one of another run, is refused.

#pragma once

#include "simulator/run_content.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sluice::sim {

struct cursor {
  capture_position position;
  /// The capture at `position` was the last of the page before and is listed
  /// again, on top of a full page.
  bool repeats = false;

  bool operator==(const cursor&) const = default;
};

/// Base64, so it may hold '+', '/' and '=', which a query must escape.
[[nodiscard]] std::string
write_cursor(const cursor& value, std::string_view run_id, const chance& dice);

/// nullopt for any text that `write_cursor` did not make for this run.
[[nodiscard]] std::optional<cursor>
read_cursor(std::string_view text, std::string_view run_id, const chance& dice);

} // namespace sluice::sim

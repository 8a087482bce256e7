// Cursors: opaque text that says where a run's listing continues. They are
// signed, so an invented cursor or one from another run is refused.

#pragma once

#include "simulator/run_content.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sluice::sim {

struct cursor {
  capture_position position;
  /// The capture at `position` was the last of the previous page. It is listed
  /// again in addition to a full page.
  bool repeats = false;

  bool operator==(const cursor&) const = default;
};

/// Base64, so it may contain '+', '/' and '=', which a query must escape.
[[nodiscard]] std::string
write_cursor(const cursor& value, std::string_view run_id, const chance& dice);

/// nullopt for any text that `write_cursor` did not make for this run.
[[nodiscard]] std::optional<cursor>
read_cursor(std::string_view text, std::string_view run_id, const chance& dice);

} // namespace sluice::sim

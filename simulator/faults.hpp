// Faults that the simulator injects on purpose. A request gets at most one: the
// probabilities divide a single draw, so each share is exact.

#pragma once

#include "simulator/chance.hpp"
#include "simulator/simulator.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace sluice::sim {

enum class fault : uint8_t {
  none,
  reset,      ///< the connection is reset before the request is processed
  html_error, ///< a proxy's 502 with an HTML page, not processed
  error_503,  ///< not processed
  error_500,  ///< not processed
  late_500,   ///< a submit is processed, then answered with a 500
  lost_reply, ///< processed, then the connection is closed without a byte
  truncate,   ///< processed, then the body of the reply is truncated
};

inline constexpr std::array<std::string_view, 8> fault_names{
  "none",      "reset",    "html_error", "error_503",
  "error_500", "late_500", "lost_reply", "truncate",
};

/// The fault of the `number`-th request, if any.
[[nodiscard]] fault draw_fault(const simulator_options& options,
                               const chance& dice, uint64_t number,
                               bool is_submit) noexcept;

} // namespace sluice::sim

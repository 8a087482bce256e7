// The project's time types. Decisions take the time as an argument; actors
// read it from their own clock (virtual in tests); only what is stored for
// people or other machines uses wall-clock time.

#pragma once

#include <caf/actor_clock.hpp>

#include <chrono>

namespace sluice {

/// Monotonic time, as CAF's clocks give it. On Linux it is the same for all
/// processes since the machine's start.
using time_point = caf::actor_clock::time_point;

/// All spans of time inside sluice; nanoseconds, so fractions of a token
/// interval stay exact.
using duration = std::chrono::nanoseconds;

} // namespace sluice

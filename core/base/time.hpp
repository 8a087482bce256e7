// The project's time types. Code that makes decisions takes the time as an
// argument. Actors read it from their own clock (virtual in tests). Only times
// stored for people or other machines use the wall clock.

#pragma once

#include <caf/actor_clock.hpp>

#include <chrono>

namespace sluice {

/// Monotonic time from CAF's clock. On Linux, all processes since boot share
/// it.
using time_point = caf::actor_clock::time_point;

/// The type of all time spans. Nanoseconds keep fractions of a token interval
/// exact.
using duration = std::chrono::nanoseconds;

} // namespace sluice

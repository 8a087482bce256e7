// What tests of forecasts share: a history without runs, and spans in seconds.

#pragma once

#include "core/flow/run_forecast.hpp"

#include <chrono>
#include <memory>

namespace sluice::test {

inline std::shared_ptr<run_history> no_history() {
  return std::make_shared<run_history>();
}

inline double in_seconds(duration span) {
  return std::chrono::duration<double>{span}.count();
}

} // namespace sluice::test

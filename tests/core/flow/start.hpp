// When the tests of the flow's rules begin.

#pragma once

#include "core/base/time.hpp"

namespace sluice::test {

inline constexpr time_point start{std::chrono::hours{1}};

} // namespace sluice::test

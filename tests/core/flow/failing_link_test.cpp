#include "core/flow/failing_link.hpp"
#include "tests/core/flow/start.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

const time_point never = time_point::min();

} // namespace

TEST_CASE("a link is given up once its server has failed for a while and "
          "three times in a row") {
  failing_link link;
  CHECK_FALSE(link.failed(start, never, 10min));
  CHECK_FALSE(link.failed(start + 15min, never, 10min));
  CHECK(link.failed(start + 16min, never, 10min));

  failing_link quick;
  for (auto at = start; at < start + 10min; at += 1s)
    CHECK_FALSE(quick.failed(at, never, 10min));
  CHECK(quick.failed(start + 10min, never, 10min));
}

TEST_CASE("an answer in between restarts a link's time") {
  failing_link link;
  CHECK_FALSE(link.failed(start, never, 10min));
  CHECK_FALSE(link.failed(start + 5min, never, 10min));
  link.reset();
  CHECK_FALSE(link.failed(start + 11min, never, 10min));
  CHECK_FALSE(link.failed(start + 20min, never, 10min));
  CHECK(link.failed(start + 21min, never, 10min));
}

TEST_CASE("a link's time stops while the API is unreachable") {
  failing_link link;
  CHECK_FALSE(link.failed(start, never, 10min));
  CHECK_FALSE(link.failed(start + 9min, start + 8min, 10min));
  CHECK_FALSE(link.failed(start + 12min, start + 8min, 10min));
  CHECK(link.failed(start + 19min, start + 8min, 10min));
}

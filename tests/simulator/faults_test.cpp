#include "simulator/faults.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace sluice;
using namespace sluice::sim;

namespace {

std::map<fault, int>
draw_many(const simulator_options& options, bool is_submit) {
  std::map<fault, int> counts;
  for (uint64_t i = 0; i < 100'000; ++i)
    ++counts[draw_fault(options, chance{options.seed}, i, is_submit)];
  return counts;
}

} // namespace

TEST_CASE("no faults occur unless they are requested") {
  CHECK(draw_many({}, true)[fault::none] == 100'000);
}

TEST_CASE("each fault affects its share of the requests") {
  simulator_options options;
  options.reset = 0.05;
  options.html_error = 0.06;
  options.error_503 = 0.07;
  options.error_500 = 0.08;
  options.lost_reply = 0.09;
  options.truncate = 0.10;
  auto counts = draw_many(options, false);
  CHECK(counts[fault::reset] == Approx(5'000).margin(300));
  CHECK(counts[fault::html_error] == Approx(6'000).margin(300));
  CHECK(counts[fault::error_503] == Approx(7'000).margin(300));
  CHECK(counts[fault::error_500] == Approx(8'000).margin(300));
  CHECK(counts[fault::late_500] == 0);
  CHECK(counts[fault::lost_reply] == Approx(9'000).margin(300));
  CHECK(counts[fault::truncate] == Approx(10'000).margin(300));
}

TEST_CASE("half of the submits that get a 500 are processed first") {
  simulator_options options;
  options.error_500 = 1;
  auto counts = draw_many(options, true);
  CHECK(counts[fault::error_500] + counts[fault::late_500] == 100'000);
  CHECK(counts[fault::late_500] == Approx(50'000).margin(1'000));
}

TEST_CASE("the seed and a request's number determine its fault") {
  simulator_options options;
  options.reset = 0.3;
  for (uint64_t i = 0; i < 100; ++i)
    REQUIRE(draw_fault(options, chance{4}, i, false)
            == draw_fault(options, chance{4}, i, false));
}

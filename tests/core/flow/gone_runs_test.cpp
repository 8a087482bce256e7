#include "core/flow/gone_runs.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace sluice;
using namespace std::chrono_literals;

TEST_CASE("runs that are gone are reported at once, then rarely") {
  gone_runs gone;
  time_point now{1h};
  std::vector<size_t> told;
  for (int64_t run = 1; run <= 2'000; ++run)
    if (gone.add(run, 404, "HTTP 404", now, now + 1min))
      told.push_back(gone.snapshot().runs);
  CHECK(told == std::vector<size_t>{1, 10, 100, 1000});
  CHECK_FALSE(gone.add(7, 404, "HTTP 404", now + 59s, now + 1min));
  CHECK(gone.add(7, 404, "HTTP 404", now + 60s, now + 1min));
}

TEST_CASE("the first run to be given up counts until it is found again") {
  gone_runs gone;
  time_point now{1h};
  CHECK(gone.snapshot().runs == 0);
  static_cast<void>(gone.add(1, 404, "HTTP 404", now, now + 50s));
  static_cast<void>(gone.add(2, 410, "HTTP 410", now, now + 40s));
  CHECK(gone.snapshot().runs == 2);
  CHECK(gone.snapshot().status == 410);
  CHECK(gone.snapshot().reason == "HTTP 410");
  CHECK(gone.snapshot().given_up == now + 40s);
  CHECK_FALSE(gone.remove(2));
  CHECK_FALSE(gone.remove(2));
  CHECK(gone.snapshot().given_up == now + 50s);
  CHECK(gone.remove(1));
  CHECK(gone.snapshot().runs == 0);
  CHECK_FALSE(gone.remove(1));
}

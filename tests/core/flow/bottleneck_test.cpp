#include "core/flow/stage_waits.hpp"
#include "core/model/bottleneck.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <numeric>
#include <random>

using namespace sluice;
using namespace std::chrono_literals;

TEST_CASE(
  "the cause follows from what each stage waits for, in order of precedence") {
  using l = limiter_wait;
  using s = submit_wait;
  using q = poll_wait;
  using p = page_wait;
  using b = bottleneck;
  struct row {
    stage_waits waits;
    bottleneck cause;
  };
  for (auto& r : {
         // Nothing is waiting.
         row{{}, b::requests},
         row{{l::none, s::sending, q::none, p::fetching}, b::requests},
         // Causes that hold up every stage take precedence.
         row{{l::freeze, s::slots, q::backoff, p::window}, b::backoff},
         row{{l::none, s::pause, q::none, p::window}, b::backoff},
         row{{l::tokens, s::pause, q::none, p::none}, b::backoff},
         row{{l::tokens, s::slots, q::none, p::window}, b::tokens},
         row{{l::tokens, s::runs, q::backoff, p::none}, b::tokens},
         // A full window stops reading, even while submits continue.
         row{{l::none, s::slots, q::none, p::window}, b::sinks},
         row{{l::none, s::sending, q::none, p::window}, b::sinks},
         // Busy sinks hold up nothing while another stage is waiting.
         row{{l::none, s::slots, q::none, p::sinks}, b::slots},
         row{{l::none, s::runs, q::none, p::sinks}, b::runs},
         row{{l::none, s::sending, q::none, p::sinks}, b::requests},
         // Runs whose status cannot be polled free no slots.
         row{{l::none, s::slots, q::backoff, p::none}, b::backoff},
         row{{l::none, s::runs, q::backoff, p::none}, b::backoff},
         row{{l::none, s::sending, q::backoff, p::none}, b::requests},
         // If the submitter waits for captures, the pager's cause counts.
         row{{l::none, s::unread, q::none, p::sinks}, b::sinks},
         row{{l::none, s::unread, q::none, p::fetching}, b::requests},
         row{{l::none, s::unread, q::none, p::backoff}, b::backoff},
         row{{l::none, s::none, q::none, p::sinks}, b::sinks},
         row{{l::none, s::none, q::none, p::backoff}, b::backoff},
         row{{l::none, s::none, q::none, p::fetching}, b::requests},
       }) {
    CAPTURE(static_cast<int>(r.waits.limiter),
            static_cast<int>(r.waits.submits), static_cast<int>(r.waits.polls),
            static_cast<int>(r.waits.pages));
    CHECK(name_of(bound_by(r.waits)) == name_of(r.cause));
  }
}

TEST_CASE("percentages use the largest-remainder method") {
  using shares = std::array<uint32_t, bottlenecks>;
  CHECK(per_cent({}) == shares{});
  CHECK(per_cent({0ms, 7ms, 0ms, 0ms, 0ms, 0ms}) == shares{0, 100});
  CHECK(per_cent({1ms, 1ms, 1ms, 0ms, 0ms, 0ms}) == shares{34, 33, 33});
  CHECK(per_cent({1ms, 1ms, 1ms, 1ms, 1ms, 1ms})
        == shares{17, 17, 17, 17, 16, 16});
  CHECK(per_cent({995ms, 0ms, 0ms, 0ms, 0ms, 5ms}) == shares{100, 0});
  CHECK(per_cent({994ms, 0ms, 0ms, 0ms, 0ms, 6ms})
        == shares{99, 0, 0, 0, 0, 1});
}

TEST_CASE("percentages always add up to 100 and each is off by less than one") {
  std::mt19937_64 random{7};
  for (auto round = 0; round < 20'000; ++round) {
    time_spent spent{};
    for (auto& part : spent)
      // Zero to about a century.
      part = std::chrono::milliseconds{
        random() % 4 == 0
          ? 0
          : static_cast<int64_t>(random() % (uint64_t{1} << (random() % 42)))};
    auto total = std::accumulate(spent.begin(), spent.end(), 0ms);
    if (total == 0ms)
      continue;
    auto shares = per_cent(spent);
    CHECK(std::accumulate(shares.begin(), shares.end(), 0U) == 100);
    for (size_t i = 0; i < bottlenecks; ++i) {
      auto exact = 100.0 * static_cast<double>(spent[i].count())
                   / static_cast<double>(total.count());
      CHECK(std::abs(shares[i] - exact) < 1);
    }
  }
}

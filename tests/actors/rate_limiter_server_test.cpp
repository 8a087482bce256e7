// The limiter against a server's bucket across a network with uneven delays.

#include "tests/actors/limiter_fixture.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <deque>
#include <map>
#include <random>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// A server's bucket of 120 a minute with a burst of 30, and the network to it.
struct surroundings {
  uint32_t workers = 10;
  uint32_t seed = 1;
  /// Requests take 50 ms plus up to this long. Replies take up to 50 ms.
  std::chrono::milliseconds spread = 900ms;
  double others = 0;       ///< tokens per second that others take
  bool tells_left = false; ///< every reply reports the remaining quota
};

/// The result of half an hour.
struct outcome {
  uint64_t sent = 0;
  uint64_t refused = 0;
};

class server {
public:
  server(const surroundings& around, time_point now)
      : around_{around},
        bucket_{{2, 30, 15s, 10min}, {30, now}},
        others_due_{now} {}

  /// The reply to a request that arrives at `at`.
  request_report answer(const permit& used, time_point at, duration back) {
    serve_others(at);
    request_report report{used, bucket_.take(at).has_value(), true,
                          at + back - used.granted_at, 0s};
    if (around_.tells_left)
      tell_left(report, at);
    return report;
  }

private:
  void serve_others(time_point now) {
    for (; around_.others > 0 && others_due_ < now;
         others_due_ += std::chrono::duration_cast<duration>(
           std::chrono::duration<double>{1 / around_.others}))
      static_cast<void>(bucket_.take(others_due_));
  }

  void tell_left(request_report& report, time_point at) const {
    auto level = bucket_.level(at);
    auto reset = std::chrono::seconds{std::lround((30 - level) / 2 + 0.5)};
    report.quota = quota_left{static_cast<uint64_t>(level), reset};
    if (report.refused)
      report.hint = reset;
  }

  surroundings around_;
  token_bucket bucket_;
  time_point others_due_;
};

/// Callers that always have something to send.
outcome saturate(limiter_fixture& test, const surroundings& around) {
  test.store->state = {30, test.now()};
  test.limiter = test.spawn(
    rate_limiter,
    rate_limiter_config{{2, 30, 15s, 10min}, test.store, test.counters});
  test.tell(test.limiter, atoms::idle_atom::value, around.workers);
  std::mt19937 dice{around.seed};
  server api{around, test.now()};
  outcome result;
  std::multimap<time_point, permit> arriving;
  std::multimap<time_point, request_report> answering;
  std::deque<answer_ptr<permit>> open;
  auto begin = test.now();
  while (test.now() < begin + 30min) {
    while (open.size() < around.workers)
      open.push_back(test.want(poll));
    for (; !open.empty() && open.front()->value; open.pop_front()) {
      ++result.sent;
      auto there = 50ms + std::chrono::milliseconds{dice()} % around.spread;
      arriving.emplace(test.now() + there, *open.front()->value);
    }
    for (; !arriving.empty() && arriving.begin()->first <= test.now();
         arriving.erase(arriving.begin())) {
      auto& [at, used] = *arriving.begin();
      auto back = std::chrono::milliseconds{dice() % 50};
      auto report = api.answer(used, at, back);
      result.refused += report.refused ? 1 : 0;
      answering.emplace(at + back, report);
    }
    for (; !answering.empty() && answering.begin()->first <= test.now();
         answering.erase(answering.begin()))
      test.tell(test.limiter, answering.begin()->second);
    test.advance(10ms);
  }
  return result;
}

/// All tokens of half an hour except a margin of the burst.
double tokens_but(double margin) {
  return 30 - margin + 2 * 1800;
}

} // namespace

TEST_CASE_METHOD(
  limiter_fixture,
  "half an hour at the limit causes no refusal and leaves no token unused") {
  surroundings around;
  around.workers = GENERATE(4U, 10U, 16U);
  around.seed = around.workers;
  around.tells_left = GENERATE(false, true);
  auto before = recent_problems();
  auto result = saturate(*this, around);
  CHECK(told_of_quota(before) == 0);
  CHECK(result.refused == 0);
  // Delays between 0 and 1 s cost two tokens of the burst, once.
  CHECK(static_cast<double>(result.sent) >= 0.995 * tokens_but(2));
}

TEST_CASE_METHOD(limiter_fixture,
                 "delays that vary by 3 s cost seven tokens of the "
                 "burst and do not lower the rate") {
  surroundings around;
  around.workers = 16;
  around.spread = 3000ms;
  auto result = saturate(*this, around);
  CHECK(result.refused == 0);
  CHECK(static_cast<double>(result.sent) >= 0.995 * tokens_but(7));
}

TEST_CASE_METHOD(
  limiter_fixture,
  "a shared budget is almost never overdrawn if the server reports its quota") {
  surroundings around;
  around.others = GENERATE(0.5, 1.0, 1.5);
  CAPTURE(around.others);
  auto blind = saturate(*this, around);
  around.tells_left = true;
  auto told = saturate(*this, around);
  CAPTURE(blind.sent, blind.refused, told.sent, told.refused);
  CHECK(told.refused * 3 <= blind.refused);
  CHECK(told.refused <= (around.others > 1 ? 20 : 2));
  CHECK(static_cast<double>(told.sent) >= 0.9 * (2 - around.others) * 1800);
}

#include "actors/rate_limiter.hpp"
#include "tests/support/actor_fixture.hpp"

#include <map>
#include <random>
#include <set>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

constexpr auto submit = request_kind::submit;
constexpr auto page = request_kind::page;
constexpr auto poll = request_kind::poll;

/// A store that can fail.
struct test_store final : bucket_store {
  bucket_state state;
  caf::error failure;

  caf::error update(const std::function<void(bucket_state&)>& change) override {
    if (!failure)
      change(state);
    return failure;
  }
};

struct fixture : actor_fixture {
  std::shared_ptr<test_store> store = std::make_shared<test_store>();
  rate_limiter_actor limiter;

  /// A limiter of two tokens a second whose bucket holds `level` tokens above
  /// the margin.
  void start(double level, uint32_t workers, double burst = 30) {
    // Delays that are all the same leave no margin; without them there is one
    // of two tokens.
    store->state.level = level;
    store->state.at = now();
    bucket_limits limits{2, burst, 15s, 10min};
    limiter = spawn(rate_limiter, rate_limiter_config{limits, store});
    for (auto i = 0; i < 8; ++i)
      tell(limiter, request_report{{poll, now()}, false, true, 100ms, 0s});
    tell(limiter, atoms::idle_atom::value, workers - 8);
  }

  answer_ptr<permit> want(request_kind kind) {
    return ask<permit>(limiter, atoms::permit_atom::value, kind);
  }

  void report(const permit& used, bool refused, bool answered = true) {
    tell(limiter, request_report{used, refused, answered, 100ms, 0s});
  }

  /// Asks for these in order while no token is there, then lets tokens come
  /// one by one; returns the kinds in the order of their grants.
  std::vector<request_kind>
  order_of_grants(const std::vector<request_kind>& wanted) {
    std::vector<answer_ptr<permit>> open;
    for (auto kind : wanted)
      open.push_back(want(kind));
    std::vector<request_kind> order;
    for (size_t i = 0; i < wanted.size(); ++i) {
      advance(500ms);
      for (auto& entry : open)
        if (entry && entry->value) {
          order.push_back(entry->value->kind);
          entry.reset();
        }
    }
    return order;
  }
};

/// Workers enough that they are never what is short.
constexpr uint32_t many = 1000;

} // namespace

TEST_CASE_METHOD(fixture, "a third caller waits until the next refill") {
  start(2, many);
  auto first = want(poll);
  auto second = want(poll);
  auto third = want(poll);
  CHECK(first->value);
  CHECK(second->value);
  CHECK(third->pending());
  advance(499ms);
  CHECK(third->pending());
  advance(1ms);
  REQUIRE(third->value);
  CHECK(third->value->kind == poll);
  CHECK(third->value->granted_at == now());
}

TEST_CASE_METHOD(fixture, "scarce tokens go to submits, then pages, then "
                          "polls, each in the order of asking") {
  start(0, many);
  CHECK(order_of_grants({poll, page, submit, poll, page, submit})
        == std::vector{submit, submit, page, page, poll, poll});
}

TEST_CASE_METHOD(fixture, "every eighth grant goes to the oldest, so nobody "
                          "waits for ever") {
  start(0, many);
  std::vector<request_kind> wanted{poll};
  wanted.insert(wanted.end(), 20, submit);
  auto order = order_of_grants(wanted);
  REQUIRE(order.size() == 21);
  CHECK(std::count(order.begin(), order.begin() + 7, submit) == 7);
  CHECK(order[7] == poll);
}

TEST_CASE_METHOD(fixture, "permits go only to idle workers, whatever tokens "
                          "there are") {
  start(30, 10);
  std::vector<answer_ptr<permit>> open;
  for (auto i = 0; i < 12; ++i)
    open.push_back(want(page));
  CHECK(open[9]->value);
  CHECK(open[10]->pending());
  advance(1min);
  CHECK(open[10]->pending());
  report(*open[0]->value, false);
  CHECK(open[10]->value);
  CHECK(open[11]->pending());
}

TEST_CASE_METHOD(fixture, "a permit that comes back frees its token and its "
                          "worker") {
  start(1, 8);
  auto first = want(submit);
  auto second = want(submit);
  CHECK(second->pending());
  tell(limiter, atoms::release_atom::value, *first->value);
  CHECK(second->value);
}

TEST_CASE_METHOD(fixture, "a 429 freezes everyone, one probe goes, and its "
                          "answer lets all go on") {
  start(3, many);
  auto first = want(poll);
  advance(1s);
  report(*first->value, true);
  std::vector<answer_ptr<permit>> open;
  for (auto i = 0; i < 3; ++i)
    open.push_back(want(poll));
  advance(14999ms);
  CHECK(open[0]->pending());
  advance(1ms);
  REQUIRE(open[0]->value);
  advance(5s);
  CHECK(open[1]->pending());
  report(*open[0]->value, false);
  CHECK(open[1]->value);
  CHECK(open[2]->value);
}

TEST_CASE_METHOD(fixture, "a refused probe doubles the wait; a late 429 does "
                          "not") {
  start(3, many);
  auto first = want(poll);
  auto late = want(poll);
  advance(1s);
  report(*first->value, true);
  auto probe = want(poll);
  auto next = want(poll);
  advance(10s);
  report(*late->value, true);
  advance(5s);
  REQUIRE(probe->value);
  report(*probe->value, true);
  advance(29999ms);
  CHECK(next->pending());
  advance(1ms);
  CHECK(next->value);
}

TEST_CASE_METHOD(fixture, "a probe that gets no reply is followed by another") {
  start(3, many);
  auto first = want(poll);
  advance(1s);
  report(*first->value, true);
  auto probe = want(poll);
  auto next = want(poll);
  advance(15s);
  REQUIRE(probe->value);
  report(*probe->value, false, false);
  CHECK(next->value);
}

TEST_CASE_METHOD(fixture, "waiting requests are answered when the limiter "
                          "ends") {
  start(0, many);
  auto open = want(submit);
  CHECK(open->pending());
  end(limiter);
  CHECK(code_of(open->error) == ec::stopped);
}

TEST_CASE_METHOD(fixture, "when the bucket cannot be kept, everyone who waits "
                          "hears it") {
  start(0, many);
  auto waiting = want(poll);
  store->failure = make_error(ec::disk, "no space");
  advance(500ms);
  CHECK(code_of(waiting->error) == ec::disk);
  CHECK(code_of(want(submit)->error) == ec::disk);
}

TEST_CASE_METHOD(fixture, "before any reply the burst is smaller by a "
                          "second's tokens") {
  store->state.level = 30;
  store->state.at = now();
  limiter =
    spawn(rate_limiter, rate_limiter_config{{2, 30, 15s, 10min}, store});
  tell(limiter, atoms::idle_atom::value, many);
  std::vector<answer_ptr<permit>> open;
  for (auto i = 0; i < 30; ++i)
    open.push_back(want(poll));
  CHECK(open[27]->value);
  CHECK(open[28]->pending());
}

// -- against a server's bucket ------------------------------------------------

namespace {

/// What a run of half an hour against a server's own bucket came to.
struct outcome {
  uint64_t sent = 0;
  uint64_t refused = 0;
};

/// Callers that always want to send, over `workers` connections whose requests
/// are delayed by `delay` on the way there, and by `back` on the way back.
outcome saturate(fixture& test, uint32_t workers, uint32_t seed) {
  std::mt19937 dice{seed};
  token_bucket server{{2, 30, 15s, 10min}, {30, test.now()}};
  outcome result;
  std::multimap<time_point, permit> arriving;
  std::multimap<time_point, request_report> answering;
  std::deque<answer_ptr<permit>> open;
  auto begin = test.now();
  while (test.now() < begin + 30min) {
    while (open.size() < workers)
      open.push_back(test.want(poll));
    for (; !open.empty() && open.front()->value; open.pop_front()) {
      ++result.sent;
      auto there = std::chrono::milliseconds{50 + dice() % 900};
      arriving.emplace(test.now() + there, *open.front()->value);
    }
    for (; !arriving.empty() && arriving.begin()->first <= test.now();
         arriving.erase(arriving.begin())) {
      auto& [at, used] = *arriving.begin();
      auto refused = server.take(at).has_value();
      result.refused += refused ? 1 : 0;
      auto back = std::chrono::milliseconds{dice() % 50};
      answering.emplace(
        at + back,
        request_report{used, refused, true, at + back - used.granted_at, 0s});
    }
    for (; !answering.empty() && answering.begin()->first <= test.now();
         answering.erase(answering.begin()))
      test.tell(test.limiter, answering.begin()->second);
    test.advance(10ms);
  }
  return result;
}

} // namespace

TEST_CASE_METHOD(fixture, "half an hour at the limit: no request is refused "
                          "and no token is left over") {
  auto workers = GENERATE(4U, 10U, 16U);
  store->state.level = 30;
  store->state.at = now();
  limiter =
    spawn(rate_limiter, rate_limiter_config{{2, 30, 15s, 10min}, store});
  tell(limiter, atoms::idle_atom::value, workers);
  auto result = saturate(*this, workers, workers);
  CHECK(result.refused == 0);
  // Two of the burst are the margin.
  CHECK(result.sent >= 0.995 * (28 + 2 * 1800));
}

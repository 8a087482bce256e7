#include "tests/actors/limiter_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// Enough workers that they are never the bottleneck.
constexpr uint32_t many = 1000;

} // namespace

TEST_CASE_METHOD(limiter_fixture,
                 "a third caller waits until the next refill") {
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

TEST_CASE_METHOD(limiter_fixture,
                 "scarce tokens go to submits, then pages, then "
                 "polls, each in order of arrival") {
  start(0, many);
  CHECK(order_of_grants({poll, page, submit, poll, page, submit})
        == std::vector{submit, submit, page, page, poll, poll});
}

TEST_CASE_METHOD(
  limiter_fixture,
  "every eighth grant goes to the oldest request, so none waits forever") {
  start(0, many);
  std::vector<request_kind> wanted{poll};
  wanted.insert(wanted.end(), 20, submit);
  auto order = order_of_grants(wanted);
  REQUIRE(order.size() == 21);
  CHECK(std::count(order.begin(), order.begin() + 7, submit) == 7);
  CHECK(order[7] == poll);
}

TEST_CASE_METHOD(
  limiter_fixture,
  "permits go only to idle workers, even if there are more tokens") {
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

TEST_CASE_METHOD(limiter_fixture,
                 "a returned permit frees its token and its worker") {
  start(1, 8);
  auto first = want(submit);
  auto second = want(submit);
  CHECK(second->pending());
  tell(limiter, atoms::release_atom::value, *first->value);
  CHECK(second->value);
}

TEST_CASE_METHOD(
  limiter_fixture,
  "a 429 freezes all requests until the answer to a single probe") {
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

TEST_CASE_METHOD(limiter_fixture,
                 "a refused probe doubles the wait and a late 429 does not") {
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

TEST_CASE_METHOD(limiter_fixture,
                 "a probe without a reply is followed by another") {
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

TEST_CASE_METHOD(limiter_fixture,
                 "waiting requests are answered when the limiter "
                 "ends") {
  start(0, many);
  auto open = want(submit);
  CHECK(open->pending());
  end(limiter);
  CHECK(code_of(open->error) == ec::stopped);
}

TEST_CASE_METHOD(limiter_fixture,
                 "all waiting requests fail if the bucket cannot be saved") {
  start(0, many);
  auto waiting = want(poll);
  store->failure = make_error(ec::disk, "no space");
  advance(500ms);
  CHECK(code_of(waiting->error) == ec::disk);
  CHECK(code_of(want(submit)->error) == ec::disk);
}

TEST_CASE_METHOD(limiter_fixture,
                 "the burst lacks one second's tokens until the first reply") {
  store->state.level = 30;
  store->state.at = now();
  limiter = spawn(rate_limiter,
                  rate_limiter_config{{2, 30, 15s, 10min}, store, counters});
  tell(limiter, atoms::idle_atom::value, many);
  std::vector<answer_ptr<permit>> open;
  for (auto i = 0; i < 30; ++i)
    open.push_back(want(poll));
  CHECK(open[27]->value);
  CHECK(open[28]->pending());
}

// -- quotas that the server reports -------------------------------------------

TEST_CASE_METHOD(
  limiter_fixture,
  "all requests wait for the reset if the server reports an exhausted quota") {
  start(10, many);
  auto first = want(submit);
  advance(1s);
  request_report said{*first->value, false, true, 1s, 0s};
  said.quota = quota_left{0, 20s};
  tell(limiter, said);
  auto second = want(submit);
  auto third = want(submit);
  advance(20499ms);
  CHECK(second->pending());
  advance(1ms);
  CHECK(second->value);
  CHECK(third->pending());
  advance(500ms);
  CHECK(third->value);
}

TEST_CASE_METHOD(limiter_fixture,
                 "a server that reports an exhausted quota with every "
                 "reply is logged once a minute") {
  start(0, many);
  auto before = recent_problems();
  auto reset = GENERATE(60s, 2s);
  for (auto end = now() + 10min; now() < end;) {
    auto next = want(poll);
    while (next->pending())
      advance(500ms);
    request_report said{*next->value, false, true, 100ms, 0s};
    said.quota = quota_left{0, reset};
    tell(limiter, said);
  }
  auto told = told_of_quota(before);
  CHECK(told >= 8);
  CHECK(told <= 11);
}

TEST_CASE_METHOD(limiter_fixture,
                 "requests that the server may not have seen yet are "
                 "deducted from the reported quota") {
  start(20, many);
  auto earlier = want(poll);
  advance(1ms);
  auto first = want(poll);
  std::vector<answer_ptr<permit>> later{want(poll), want(poll), want(poll)};
  request_report said{*first->value, false, true, 1ms, 0s};
  said.quota = quota_left{5, {}};
  tell(limiter, said);
  // Three are still on their way. The one before them has been counted.
  CHECK(want(poll)->value);
  CHECK(want(poll)->value);
  CHECK(want(poll)->pending());
}

// -- the longest wait ---------------------------------------------------------

namespace {

/// Keeps the given numbers of requests waiting and replaces each one that is
/// granted. Then one of `kind` is added. Returns how many grants it takes until
/// that one is granted, at worst, whichever grant it is added after.
uint64_t longest_wait(limiter_fixture& test,
                      const std::vector<std::pair<request_kind, int>>& others,
                      request_kind kind) {
  uint64_t longest = 0;
  for (uint64_t turn = 0; turn < rate_limiter_state::oldest_every; ++turn) {
    test.start(0, many);
    std::vector<std::pair<request_kind, answer_ptr<permit>>> open;
    for (auto [other, count] : others)
      for (auto i = 0; i < count; ++i)
        open.emplace_back(other, test.want(other));
    answer_ptr<permit> ours;
    uint64_t waited = 0;
    for (uint64_t grant = 0; !ours || ours->pending(); ++grant) {
      if (grant == turn)
        ours = test.want(kind);
      test.advance(500ms);
      waited += ours ? 1 : 0;
      for (auto& [other, entry] : open)
        if (entry->value)
          entry = test.want(other);
      REQUIRE(grant < 1000);
    }
    longest = std::max(longest, waited);
    test.end(test.limiter);
  }
  return longest;
}

} // namespace

TEST_CASE_METHOD(
  limiter_fixture,
  "the oldest request waits at most eight grants, or 4 s at 120 a minute") {
  for (auto kind : {submit, page, poll})
    CHECK(longest_wait(*this, {}, kind) == 1);
  CHECK(longest_wait(*this, {{page, 1}}, submit) == 2);
  // One submit is older, and one more arrives with each grant.
  CHECK(longest_wait(*this, {{submit, 1}}, page) == 9);
  CHECK(longest_wait(*this, {{submit, 1}}, poll) == 9);
  CHECK(longest_wait(*this, {{page, 1}}, poll) == 9);
}

TEST_CASE_METHOD(limiter_fixture,
                 "a submit waits 6.5 s and any other request at most 48 s "
                 "behind eleven submits and ten pages that never end") {
  // Submits for all slots, and pages that fill the window.
  const std::vector<std::pair<request_kind, int>> crowd{{submit, 11},
                                                        {page, 10}};
  CHECK(longest_wait(*this, crowd, submit) == 13);
  // The older submits go first. Then each eighth grant goes to the oldest: the
  // ten pages, then this one.
  CHECK(longest_wait(*this, crowd, page) == 96);
  CHECK(longest_wait(*this, crowd, poll) == 96);
  CHECK(longest_wait(*this, {{submit, 11}}, poll) == 19);
}

TEST_CASE_METHOD(
  limiter_fixture,
  "a spare poll takes no token that a request waits for and delays none") {
  constexpr auto spare = request_kind::spare_poll;
  start(28, many);
  auto first = want(spare);
  CHECK(first->value); // from a full bucket
  for (auto i = 0; i < 7; ++i)
    CHECK(want(poll)->value);
  auto waiting = want(spare); // 20 of 30 tokens are left
  CHECK(waiting->pending());
  CHECK(want(poll)->value);
  CHECK(longest_wait(*this, {{spare, 1}}, poll) == 1);
}

#include "core/api/submit_repeat.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

using action = submit_action;
using then = repeat_action;

const submit_repeat rule{24h, 30s};
constexpr key_age young{1min, 1min};
constexpr key_age old{24h, 0s};

submit_verdict verdict_of(action what, int status) {
  submit_verdict verdict;
  verdict.action = what;
  verdict.status = status;
  verdict.message = "what came back";
  return verdict;
}

submit_verdict not_sent() {
  auto verdict = verdict_of(action::replan, 0);
  verdict.not_sent = true;
  return verdict;
}

} // namespace

TEST_CASE(
  "each reply is followed by the right action if the API supports keys") {
  struct row {
    submit_verdict verdict;
    then first;  ///< no earlier attempt was ambiguous
    then repeat; ///< an earlier attempt was
    then late;   ///< an earlier attempt was, and the key may have expired
  };
  for (const auto& [verdict, first, repeat, late] : {
         // a run id is always definite
         row{verdict_of(action::accepted, 201), then::accept, then::accept,
             then::accept},
         // timeout, reset, a body that cannot be read
         row{verdict_of(action::hold, 0), then::repeat, then::repeat,
             then::hold},
         // a 2xx without an id, a 303, a proxy's 4xx or 5xx
         row{verdict_of(action::hold, 200), then::repeat, then::repeat,
             then::hold},
         row{verdict_of(action::hold, 303), then::repeat, then::repeat,
             then::hold},
         row{verdict_of(action::hold, 403), then::repeat, then::repeat,
             then::hold},
         row{verdict_of(action::hold, 500), then::repeat, then::repeat,
             then::hold},
         row{verdict_of(action::hold, 502), then::repeat, then::repeat,
             then::hold},
         // this attempt created nothing, which says nothing about the first one
         row{verdict_of(action::replan, 429), then::as_usual, then::repeat,
             then::hold},
         row{verdict_of(action::replan, 503), then::as_usual, then::repeat,
             then::hold},
         row{not_sent(), then::as_usual, then::repeat, then::hold},
         // the first attempt is still being processed
         row{verdict_of(action::stop_job, 409), then::as_usual, then::repeat,
             then::hold},
         // a refusal proves nothing after an ambiguous attempt
         row{verdict_of(action::narrow, 400), then::as_usual, then::hold,
             then::hold},
         row{verdict_of(action::narrow, 422), then::as_usual, then::hold,
             then::hold},
         row{verdict_of(action::too_large, 413), then::as_usual, then::hold,
             then::hold},
         row{verdict_of(action::no_credits, 402), then::as_usual, then::hold,
             then::hold},
         row{verdict_of(action::stop_job, 401), then::as_usual, then::hold,
             then::hold},
         row{verdict_of(action::stop_job, 403), then::as_usual, then::hold,
             then::hold},
         row{verdict_of(action::stop_job, 404), then::as_usual, then::hold,
             then::hold},
         row{verdict_of(action::stop_job, 307), then::as_usual, then::hold,
             then::hold},
         // a status that the profile lists as safe and that is not covered
         // above
         row{verdict_of(action::replan, 418), then::as_usual, then::hold,
             then::hold},
         // the request could not be made
         row{verdict_of(action::stop_job, 0), then::as_usual, then::hold,
             then::hold},
       }) {
    CAPTURE(static_cast<int>(verdict.action), verdict.status, verdict.not_sent);
    CHECK(rule.after(verdict, false, young).action == first);
    CHECK(rule.after(verdict, true, young).action == repeat);
    CHECK(rule.after(verdict, true, old).action == late);
    for (auto ambiguous : {false, true})
      for (auto& age : {young, old}) {
        auto decision = rule.after(verdict, ambiguous, age);
        CHECK(decision.reason.empty() == (decision.action != then::hold));
        if (decision.action == then::hold)
          CHECK_THAT(decision.reason, Catch::Contains("what came back"));
      }
  }
}

TEST_CASE(
  "the first ambiguous attempt with a key that may have expired is held") {
  auto decision = rule.after(verdict_of(action::hold, 500), false, old);
  CHECK(decision.action == then::hold);
  CHECK_THAT(decision.reason, Catch::Contains("valid_for"));
}

TEST_CASE("a repeat that differs from the first request is held") {
  auto verdict = verdict_of(action::hold, 0);
  verdict.changed = true;
  for (auto ambiguous : {false, true})
    CHECK(rule.after(verdict, ambiguous, young).action == then::hold);
}

TEST_CASE("a key is valid until shortly before the API forgets it") {
  struct row {
    key_age age;
    bool valid;
  };
  for (auto [age, valid] : {
         row{{0s, 0s}, true},
         row{{24h - 30s - 1ms, 0s}, true},
         row{{24h - 30s, 0s}, false},
         row{{24h, 0s}, false},
         // the wall clock was set back to before the first POST, or so that the
         // steady clock disagrees
         row{{-1ms, 0s}, false},
         row{{-24h, 1s}, false},
         row{{1h, 24h}, false},
         row{{1h, 24h - 30s - 1ms}, true},
         // the machine slept, which the steady clock does not count
         row{{24h, 1h}, false},
       }) {
    CAPTURE(age.wall.count(), age.steady.count());
    CHECK(rule.is_valid(age) == valid);
  }
  CHECK_FALSE(submit_repeat(30s, 30s).is_valid({}));
  CHECK_FALSE(submit_repeat(30s, 1min).is_valid({}));
}

#include "core/api/submit_repeat.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

using action = submit_action;
using next_step = repeat_action;

const submit_repeat repeat_rule{24h, 30s};
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
    next_step first;  ///< no earlier attempt was ambiguous
    next_step repeat; ///< an earlier attempt was
    next_step late;   ///< an earlier attempt was, and the key may have expired
  };
  for (const auto& [verdict, first, repeat, late] : {
         // a run id is always definite
         row{verdict_of(action::accepted, 201), next_step::accept,
             next_step::accept, next_step::accept},
         // timeout, reset, a body that cannot be read
         row{verdict_of(action::hold, 0), next_step::repeat, next_step::repeat,
             next_step::hold},
         // a 2xx without an id, a 303, a proxy's 4xx or 5xx
         row{verdict_of(action::hold, 200), next_step::repeat,
             next_step::repeat, next_step::hold},
         row{verdict_of(action::hold, 303), next_step::repeat,
             next_step::repeat, next_step::hold},
         row{verdict_of(action::hold, 403), next_step::repeat,
             next_step::repeat, next_step::hold},
         row{verdict_of(action::hold, 500), next_step::repeat,
             next_step::repeat, next_step::hold},
         row{verdict_of(action::hold, 502), next_step::repeat,
             next_step::repeat, next_step::hold},
         // this attempt created nothing, which says nothing about the first one
         row{verdict_of(action::replan, 429), next_step::as_usual,
             next_step::repeat, next_step::hold},
         row{verdict_of(action::replan, 503), next_step::as_usual,
             next_step::repeat, next_step::hold},
         row{not_sent(), next_step::as_usual, next_step::repeat,
             next_step::hold},
         // the first attempt is still being processed
         row{verdict_of(action::stop_job, 409), next_step::as_usual,
             next_step::repeat, next_step::hold},
         // a refusal proves nothing after an ambiguous attempt
         row{verdict_of(action::narrow, 400), next_step::as_usual,
             next_step::hold, next_step::hold},
         row{verdict_of(action::narrow, 422), next_step::as_usual,
             next_step::hold, next_step::hold},
         row{verdict_of(action::too_large, 413), next_step::as_usual,
             next_step::hold, next_step::hold},
         row{verdict_of(action::no_credits, 402), next_step::as_usual,
             next_step::hold, next_step::hold},
         row{verdict_of(action::stop_job, 401), next_step::as_usual,
             next_step::hold, next_step::hold},
         row{verdict_of(action::stop_job, 403), next_step::as_usual,
             next_step::hold, next_step::hold},
         row{verdict_of(action::stop_job, 404), next_step::as_usual,
             next_step::hold, next_step::hold},
         row{verdict_of(action::stop_job, 307), next_step::as_usual,
             next_step::hold, next_step::hold},
         // a status that the profile lists as safe and that is not covered
         // above
         row{verdict_of(action::replan, 418), next_step::as_usual,
             next_step::hold, next_step::hold},
         // the request could not be made
         row{verdict_of(action::stop_job, 0), next_step::as_usual,
             next_step::hold, next_step::hold},
       }) {
    CAPTURE(static_cast<int>(verdict.action), verdict.status, verdict.not_sent);
    CHECK(repeat_rule.after(verdict, false, young).action == first);
    CHECK(repeat_rule.after(verdict, true, young).action == repeat);
    CHECK(repeat_rule.after(verdict, true, old).action == late);
    for (auto ambiguous : {false, true})
      for (auto& age : {young, old}) {
        auto decision = repeat_rule.after(verdict, ambiguous, age);
        CHECK(decision.reason.empty() == (decision.action != next_step::hold));
        if (decision.action == next_step::hold)
          CHECK_THAT(decision.reason, Catch::Contains("what came back"));
      }
  }
}

TEST_CASE(
  "the first ambiguous attempt with a key that may have expired is held") {
  auto decision = repeat_rule.after(verdict_of(action::hold, 500), false, old);
  CHECK(decision.action == next_step::hold);
  CHECK_THAT(decision.reason, Catch::Contains("valid_for"));
}

TEST_CASE("a repeat that differs from the first request is held") {
  auto verdict = verdict_of(action::hold, 0);
  verdict.changed = true;
  for (auto ambiguous : {false, true})
    CHECK(repeat_rule.after(verdict, ambiguous, young).action
          == next_step::hold);
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
    CHECK(repeat_rule.is_valid(age) == valid);
  }
  CHECK_FALSE(submit_repeat(30s, 30s).is_valid({}));
  CHECK_FALSE(submit_repeat(30s, 1min).is_valid({}));
}

// Every store follows the table of transitions: a batch can make each of them,
// and every other transition is refused.

#include "core/model/batch_state.hpp"
#include "tests/core/ledger/contract_fixture.hpp"

#include <map>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr batch_key key = 1; ///< the batch that is moved
constexpr batch_key other = 2;

/// A job with a batch of two URLs in this state, and another batch.
template <class Store>
class life : public contract<Store> {
public:
  using contract<Store>::settle;
  using contract<Store>::state_of;

  explicit life(batch_state state) {
    using enum batch_change;
    static const std::map<batch_state, std::vector<batch_change>> ways{
      {batch_state::planned, {}},
      {batch_state::in_flight, {begin}},
      {batch_state::running, {begin, accept}},
      {batch_state::ended, {begin, accept, end}},
      {batch_state::done, {begin, accept, end, finish}},
      {batch_state::held, {begin, hold}},
      {batch_state::rejected, {begin, reject}},
      {batch_state::split, {begin, split}},
      {batch_state::set_aside, {begin, accept, set_aside}},
    };
    this->import(2, 2);
    must(jobs().begin_group());
    for (auto by : ways.at(state))
      must(apply(by));
    must(jobs().end_group());
    REQUIRE(state_of(key) == name_of(state));
  }

  /// Carries out `by` on the batch with the ledger's functions.
  caf::error apply(batch_change by) {
    switch (by) {
      case batch_change::begin:
        return contract<Store>::begin(key);
      case batch_change::accept:
        return settle(key, submit_result::accepted, "text");
      case batch_change::replan:
        return settle(key, submit_result::replanned);
      case batch_change::hold:
        return settle(key, submit_result::held, "text");
      case batch_change::split:
        return settle(key, submit_result::split);
      case batch_change::reject:
        return settle(key, submit_result::rejected, "text");
      case batch_change::end:
        return jobs().record_end(key, {}, {});
      case batch_change::give_up:
        return jobs().give_up(key, "too old");
      case batch_change::set_aside:
        return jobs().set_aside(key, "no status");
      case batch_change::finish:
        return jobs().commit({1, {}, {{key, {}, {}, run_result{}}}, {}});
      case batch_change::stop_reading:
        return jobs().commit({1, {}, {{key, {}, {}, {}, "not JSON"}}, {}});
      case batch_change::adopt:
        return jobs().adopt(key, "adopted", 1);
      case batch_change::resubmit:
        return jobs().resubmit(key);
      case batch_change::abandon:
        return jobs().abandon(key);
      case batch_change::read_again:
        return jobs().read_again(key, 1);
      default:
        return apply_to_all(by);
    }
  }

private:
  auto& jobs() { return this->ledger(); }

  /// Changes that find the batches they apply to, so they refuse none.
  caf::error apply_to_all(batch_change by) {
    if (by == batch_change::interrupt) {
      must(jobs().hold_interrupted());
    } else if (by == batch_change::cut) {
      jobs().limit_submits({1, std::nullopt});
      must(jobs().next_planned());
    } else {
      must(contract<Store>::begin(other));
      must(settle(other, submit_result::all_replanned));
    }
    return {};
  }
};

/// How `by` is refused.
ec refusal_of(batch_change by) {
  switch (by) {
    case batch_change::interrupt:
    case batch_change::cut:
    case batch_change::replan_all:
      return ec::no_error;
    case batch_change::adopt:
    case batch_change::resubmit:
    case batch_change::abandon:
    case batch_change::read_again:
      return ec::usage;
    default:
      return ec::internal;
  }
}

} // namespace

CONTRACT_CASE("the ledger carries out the transitions of the table and refuses "
              "all others") {
  for (size_t i = 0; i < batch_states; ++i)
    for (size_t j = 0; j < batch_changes; ++j) {
      auto from = static_cast<batch_state>(i);
      auto by = static_cast<batch_change>(j);
      if (by == batch_change::regroup)
        continue; // applies only to batches that a search has made
      CAPTURE(name_of(from), j);
      life<TestType> batch{from};
      auto allowed = may_change(from, by);
      auto err = batch.apply(by);
      CHECK(code_of(err) == (allowed ? ec::no_error : refusal_of(by)));
      if (code_of(err) == ec::internal)
        CHECK_THAT(what_of(err),
                   Catch::Contains("batch 1 is " + std::string{name_of(from)}
                                   + " where it should be "));
      CHECK(batch.state_of(key) == name_of(allowed ? target_of(by) : from));
    }
}

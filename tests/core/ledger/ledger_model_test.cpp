// Random walks over the operations of the SQLite ledger and of the one in
// memory, which keeps everything in plain containers. After each step they say
// the same.

#include "tests/core/ledger/ledger_fixture.hpp"
#include "tests/support/memory_ledger/memory_ledger.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <set>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr batch_key first_batches = 25;
constexpr uint32_t run_size = 7; ///< for batches of URLs submitted again

using figures = std::vector<uint64_t>;

figures figures_of(const account& a) {
  return {a.invalid,   a.duplicate,    a.captured,        a.held,
          a.set_aside, a.rejected,     a.failed,          a.missing,
          a.pending,   a.runs,         a.open_runs,       a.bought,
          a.captures,  a.held_batches, a.set_aside_runs,  a.unmatched,
          a.repeated,  a.shortfall,    a.requests.submits};
}

figures figures_of(const round_report& r) {
  return {r.number,   r.taken.missing, r.taken.failed, r.taken.rejected,
          r.urls,     r.captured,      r.missing,      r.failed,
          r.rejected, r.held,          r.set_aside,    r.pending,
          r.runs,     r.captures};
}

figures figures_of(const spending& s) {
  return {s.captured,     s.captures,  s.unmatched,      s.shortfall,
          s.open.batches, s.open.urls, s.unsure.batches, s.unsure.urls};
}

std::vector<std::string> lines_of(const std::vector<stuck_batch>& batches) {
  std::vector<std::string> result;
  for (auto& batch : batches)
    result.push_back(std::to_string(batch.key) + " "
                     + std::to_string(batch.urls) + " " + batch.run_id + " "
                     + batch.reason);
  return result;
}

class random_walk : public ledger_fixture {
public:
  explicit random_walk(unsigned seed) : random_{seed} {
    std::vector<size_t> sizes;
    for (batch_key i = 0; i < first_batches; ++i)
      total_ += sizes.emplace_back(1 + random_() % 20);
    open();
    must(both([&](auto& on) {
      must(on.begin_import());
      for (size_t i = 0; i < sizes.size(); ++i)
        must(on.add_batch("rbt_1", views(urls_of(i, sizes[i]))));
      must(on.add_invalid({"a.txt", 1, "x", "no URL"}));
      must(on.retry_missing_by({0, run_size}));
      return on.finish_import({total_ + 3, 1, 2, total_, first_batches});
    }));
  }

  void step() {
    switch (random_() % 14) {
      case 0:
      case 1:
        return take();
      case 2:
      case 3:
        return submit();
      case 4:
      case 5:
      case 6:
        return settle();
      case 7:
        return end();
      case 8:
      case 9:
        return checkpoint_some();
      case 10:
        return misuse();
      case 11:
        return decide();
      case 12:
        return submit_again();
      default:
        if (random_() % 6 == 0)
          restart();
    }
  }

  void compare() {
    auto sums = must(store->report());
    auto expected = must(model_.report());
    CHECK(sums.total() == must(store->imported()).records);
    CHECK(figures_of(sums) == figures_of(expected));
    REQUIRE(sums.rounds.size() == expected.rounds.size());
    for (size_t i = 0; i < sums.rounds.size(); ++i)
      CHECK(figures_of(sums.rounds[i]) == figures_of(expected.rounds[i]));
    CHECK(figures_of(must(store->spent())) == figures_of(must(model_.spent())));
    CHECK(must(store->last_delivery()) == must(model_.last_delivery()));
    CHECK(must(store->planned_left()) == must(model_.planned_left()));
    compare_lists();
    compare_runs();
  }

  /// Every URL of the input is in exactly one state.
  void compare_urls() {
    std::multiset<std::string> all;
    for (auto state : {url_state::captured, url_state::missing,
                       url_state::failed, url_state::rejected, url_state::held,
                       url_state::set_aside, url_state::pending}) {
      auto urls = urls_in(*store, state);
      CHECK(urls == urls_in(model_, state));
      all.insert(urls.begin(), urls.end());
    }
    CHECK(all.size() == total_);
    CHECK(std::set(all.begin(), all.end()).size() == total_);
  }

  /// Decisions to submit URLs again, and batches that they left alone because
  /// they belonged to an unfinished retry.
  [[nodiscard]] size_t retries() const { return job_->rounds.size(); }
  [[nodiscard]] uint64_t spared() const { return spared_; }

private:
  /// The same change of both ledgers, with the same result.
  template <class F>
  caf::error both(F change) {
    auto expected = change(model_);
    auto err = change(*store);
    CHECK(code_of(err) == code_of(expected));
    return err;
  }

  static std::vector<std::string>
  urls_in(ledger_reader& from, url_state state) {
    std::vector<std::string> result;
    must(from.each_url(state, [&](const listed_url& url) {
      result.emplace_back(url.url);
      return true;
    }));
    return result;
  }

  std::optional<batch_key> any(batch_state state) {
    std::vector<batch_key> all;
    for (auto& [key, batch] : job_->batches)
      if (batch.state == state)
        all.push_back(key);
    if (all.empty())
      return std::nullopt;
    return all[random_() % all.size()];
  }

  void take() {
    auto got = must(store->next_planned());
    auto expected = must(model_.next_planned());
    REQUIRE(got.has_value() == expected.has_value());
    if (!got)
      return;
    CHECK(got->key == expected->key);
    CHECK(got->urls == expected->urls);
    CHECK(got->depth == expected->depth);
    CHECK(got->robot == expected->robot);
  }

  void submit() {
    if (auto key = any(batch_state::planned))
      must(both([&](auto& on) {
        return on.begin_submit(*key, {"worker", 0});
      }));
  }

  void settle() {
    auto key = any(batch_state::in_flight);
    if (!key)
      return;
    auto run = "run_" + std::to_string(random_());
    auto result = submit_result::accepted;
    switch (random_() % 8) {
      default:
        break;
      case 3:
        if (random_() % 8 == 0)
          result = submit_result::all_replanned;
        break;
      case 4:
        result = submit_result::replanned;
        break;
      case 5: // refused for a single URL
        result = submit_result::split;
        break;
      case 6:
        result = submit_result::rejected;
        break;
      case 7:
        result = submit_result::held;
        break;
    }
    auto text = result == submit_result::accepted ? run : "why";
    both([&](auto& on) { return on.settle(*key, result, text, 5); });
  }

  run_result random_end() {
    run_result result;
    result.outcome = static_cast<run_outcome>(random_() % 4);
    result.state = "state_" + std::to_string(random_() % 10);
    if (random_() % 3 != 0)
      result.extracted = random_() % 40;
    return result;
  }

  void end() {
    auto key = any(batch_state::running);
    if (!key)
      return;
    if (random_() % 6 == 0) {
      must(both([&](auto& on) { return on.give_up(*key, "too old"); }));
      return;
    }
    auto how = random_end();
    must(both([&](auto& on) {
      return on.record_end(*key, how, {{"name", how.state}});
    }));
  }

  void checkpoint_some() {
    checkpoint cut;
    delivery_ += random_() % 3;
    cut.delivery = delivery_;
    cut.sinks = {{"all", std::to_string(delivery_)}};
    for (auto& [key, batch] : job_->batches)
      if (batch.state == batch_state::ended && random_() % 2 == 0)
        cut.runs.push_back(progress(batch));
    must(both([&](auto& on) { return on.commit(cut); }));
  }

  run_progress progress(const memory_batch& run) {
    run_progress result;
    result.batch = run.batch.key;
    auto& at = result.state = run.paging;
    at.cursor = std::to_string(random_());
    ++at.next_page;
    at.covered.resize((run.urls() + 7) / 8);
    for (auto count = random_() % 6; count > 0; --count) {
      ++at.captures;
      at.unmatched += random_() % 4 == 0 ? 1 : 0;
      at.repeated += random_() % 4 == 0 ? 1 : 0;
      auto place = random_() % run.urls();
      at.covered[place / 8] |= static_cast<uint8_t>(1 << place % 8);
      auto& identity = result.new_identities.emplace_back();
      for (auto& byte : identity)
        byte = static_cast<uint8_t>(random_());
    }
    switch (random_() % 6) {
      case 0:
      case 1:
        result.done = random_end();
        break;
      case 2:
        result.set_aside = "not JSON";
        break;
      default:
        break;
    }
    return result;
  }

  /// Resolves a run that is set aside or a batch that is held.
  void decide() {
    switch (random_() % 4) {
      case 0:
        if (auto key = any(batch_state::held))
          must(both([&](auto& on) { return on.resubmit(*key); }));
        return;
      case 1:
        if (auto key = any(batch_state::held)) {
          auto run = "found_" + std::to_string(random_());
          must(both([&](auto& on) { return on.adopt(*key, run, 6); }));
        }
        return;
      case 2:
        if (auto key = any(batch_state::set_aside))
          must(both([&](auto& on) { return on.abandon(*key); }));
        return;
      default:
        if (auto key = any(batch_state::set_aside))
          must(both([&](auto& on) { return on.read_again(*key, 7); }));
    }
    compare(must(store->take_adopted()), must(model_.take_adopted()));
  }

  void submit_again() {
    auto bits = random_() % 8;
    retry_kinds kinds{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0};
    auto begun = must(store->begin_round(kinds, 9'000));
    auto expected = must(model_.begin_round(kinds, 9'000));
    CHECK(begun.taken.missing == expected.taken.missing);
    CHECK(begun.taken.failed == expected.taken.failed);
    CHECK(begun.taken.rejected == expected.taken.rejected);
    CHECK(begun.beside_unmatched == expected.beside_unmatched);
    for (auto& [key, batch] : job_->batches) {
      auto state = batch.uncaptured();
      auto wanted = (kinds.missing && state == url_state::missing)
                    || (kinds.failed && state == url_state::failed)
                    || (kinds.rejected && state == url_state::rejected);
      spared_ += wanted && batch.left() > 0 ? 1 : 0;
    }
  }

  /// Changes from any state; the table refuses most, and those have no effect.
  void misuse() {
    auto key =
      static_cast<batch_key>(1 + random_() % (job_->batches.size() + 2));
    auto* batch = model_.find(key);
    auto is = [&](batch_state state) {
      return batch != nullptr && batch->state == state;
    };
    if (!is(batch_state::planned))
      CHECK(both([&](auto& on) {
        return on.begin_submit(key, {"worker", 0});
      }));
    if (!is(batch_state::in_flight))
      for (auto result : {submit_result::accepted, submit_result::split})
        CHECK(both([&](auto& on) { return on.settle(key, result, "r", 1); }));
    if (!is(batch_state::running))
      CHECK(both([&](auto& on) {
        return on.record_end(key, {}, {{"a", "b"}});
      }));
    if (!is(batch_state::set_aside))
      CHECK(both([&](auto& on) { return on.read_again(key, 7); }));
    if (!is(batch_state::ended))
      CHECK(both([&](auto& on) {
        return on.commit({delivery_ + 9,
                          {{"all", "wrong"}},
                          {{key, {}, {}, std::nullopt}},
                          {}});
      }));
  }

  void restart() {
    open();
    model_ = memory_ledger{job_};
    auto times = static_cast<uint32_t>(random_() % 4 == 0);
    must(both([&](auto& on) {
      return on.retry_missing_by({times, run_size});
    }));
    CHECK(must(store->hold_interrupted()) == must(model_.hold_interrupted()));
    compare_urls();
    CHECK(must(store->position_of("all")) == must(model_.position_of("all")));
  }

  void compare_lists() {
    CHECK(lines_of(must(store->held_batches(SIZE_MAX)))
          == lines_of(must(model_.held_batches(SIZE_MAX))));
    CHECK(lines_of(must(store->set_aside_runs(SIZE_MAX)))
          == lines_of(must(model_.set_aside_runs(SIZE_MAX))));
    CHECK(lines_of(must(store->rejected_batches(SIZE_MAX)))
          == lines_of(must(model_.rejected_batches(SIZE_MAX))));
    CHECK(lines_of(must(store->failed_batches(SIZE_MAX)))
          == lines_of(must(model_.failed_batches(SIZE_MAX))));
  }

  void compare_runs() {
    auto runs = must(store->open_runs());
    compare(runs, must(model_.open_runs()));
    for (auto& run : runs) {
      if (!run.end)
        continue;
      auto start = must(store->start_paging(run.batch));
      auto expected = must(model_.start_paging(run.batch));
      CHECK(start.urls == expected.urls);
      CHECK(start.seen == expected.seen);
      CHECK(start.robot == expected.robot);
      CHECK(start.state.cursor == expected.state.cursor);
      CHECK(start.state.next_page == expected.state.next_page);
      CHECK(start.state.captures == expected.state.captures);
      CHECK(start.state.covered == expected.state.covered);
    }
  }

  static void compare(const std::vector<open_run>& runs,
                      const std::vector<open_run>& expected) {
    REQUIRE(runs.size() == expected.size());
    for (size_t i = 0; i < runs.size(); ++i) {
      auto& run = runs[i];
      auto& other = expected[i];
      CHECK(run.batch == other.batch);
      CHECK(run.run.id == other.run.id);
      CHECK(run.run.saved == other.run.saved);
      CHECK(run.url_count == other.url_count);
      CHECK(run.submitted_at_ms == other.submitted_at_ms);
      REQUIRE(run.end.has_value() == other.end.has_value());
      if (!run.end)
        continue;
      CHECK(run.end->outcome == other.end->outcome);
      CHECK(run.end->state == other.end->state);
      CHECK(run.end->extracted == other.end->extracted);
    }
  }

  std::mt19937 random_;
  std::shared_ptr<memory_job> job_ = std::make_shared<memory_job>();
  memory_ledger model_{job_};
  uint64_t spared_ = 0;
  uint64_t total_ = 0;
  uint64_t delivery_ = 0;
};

} // namespace

TEST_CASE("each URL is in exactly one state at all times", "[ledger]") {
  auto seed = GENERATE(1u, 2u, 3u, 4u);
  CAPTURE(seed);
  random_walk walk{seed};
  for (int i = 0; i < 700; ++i) {
    CAPTURE(i);
    walk.step();
    walk.compare();
  }
  walk.compare_urls();
  CHECK(walk.retries() > 3);
  CHECK(walk.spared() > 3);
}

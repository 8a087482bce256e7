// Random walks over the ledger's operations, compared with a model that keeps
// everything in plain containers.

#include "tests/core/ledger/ledger_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr batch_key first_batches = 25;
constexpr size_t run_size = 7; ///< for batches of URLs that are submitted again

struct model_batch {
  std::string state = "planned";
  std::vector<std::string> urls;
  uint32_t depth = 0;
  uint64_t round = 0;
  std::set<std::string> waiting; ///< waiting to be submitted again
  uint64_t next_round = 0;       ///< the round that takes them
  std::set<std::string> moved;   ///< moved to a later batch
  std::string run_id;
  std::optional<run_result> end;
  paging_state paging;
  std::vector<capture_identity> seen;

  [[nodiscard]] uint64_t covered() const {
    uint64_t result = 0;
    for (size_t i = 0; i < urls.size() && !paging.covered.empty(); ++i)
      result += paging.covered[i / 8] >> (i % 8) & 1;
    return result;
  }

  /// URLs without a capture that still belong to this batch.
  [[nodiscard]] std::set<std::string> left() const {
    std::set<std::string> result;
    for (size_t i = 0; i < urls.size(); ++i)
      if ((paging.covered.empty()
           || (paging.covered[i / 8] >> (i % 8) & 1) == 0)
          && waiting.count(urls[i]) + moved.count(urls[i]) == 0)
        result.insert(urls[i]);
    return result;
  }

  /// The name of the state of a URL without a capture.
  [[nodiscard]] std::string uncaptured() const {
    if (state == "held" || state == "set_aside" || state == "rejected")
      return state;
    if (state == "done")
      return end->outcome == run_outcome::completed ? "missing" : "failed";
    return "pending";
  }
};

std::vector<uint64_t> figures(const account& a) {
  return {a.captured,  a.held,         a.set_aside,      a.rejected,
          a.failed,    a.missing,      a.pending,        a.runs,
          a.open_runs, a.held_batches, a.set_aside_runs, a.captures,
          a.unmatched, a.repeated,     a.shortfall};
}

class random_walk : public ledger_fixture {
public:
  explicit random_walk(unsigned seed) : random_{seed} {
    std::uniform_int_distribution<size_t> size{1, 20};
    open();
    must(store->begin_import());
    for (batch_key key = 1; key <= first_batches; ++key) {
      auto& batch = model_[key];
      batch.urls = urls_of(static_cast<size_t>(key), size(random_));
      total_ += batch.urls.size();
      must(store->add_batch("rbt_1", views(batch.urls)));
    }
    must(store->add_invalid({"a.txt", 1, "x", "no URL"}));
    must(store->finish_import({total_ + 3, 1, 2, total_, first_batches}));
    must(store->retry_missing_by({0, run_size}));
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
    auto wanted = expected_account();
    CHECK(sums.total() == must(store->imported()).records);
    CHECK(sums.invalid == 1);
    CHECK(sums.duplicate == 2);
    CHECK(figures(sums) == figures(wanted));
    CHECK(must(store->last_delivery()) == delivery_);
    CHECK(must(store->held_batches(SIZE_MAX)).size() == keys("held").size());
    auto refused = keys("rejected");
    CHECK(must(store->rejected_batches(SIZE_MAX)).size()
          == static_cast<size_t>(
            std::count_if(refused.begin(), refused.end(), [&](auto key) {
              return !model_.at(key).left().empty();
            })));
    compare_rounds(sums.rounds);
    compare_runs();
  }

  /// Decisions to submit URLs again, and batches that they left alone because
  /// they belonged to an unfinished retry.
  [[nodiscard]] size_t retries() const { return round_sizes_.size(); }
  [[nodiscard]] uint64_t spared() const { return spared_; }

  /// Every URL of the input is in exactly one batch.
  void compare_urls() {
    std::multiset<std::string> all;
    for (auto& [key, batch] : model_)
      for (auto& url : batch.urls)
        if (batch.state != "split" && batch.moved.count(url) == 0)
          all.insert(url);
    CHECK(all.size() == total_);
    CHECK(std::set(all.begin(), all.end()).size() == total_);
  }

private:
  std::vector<batch_key> keys(const std::string& state) const {
    std::vector<batch_key> result;
    for (auto& [key, batch] : model_)
      if (batch.state == state)
        result.push_back(key);
    return result;
  }

  std::optional<batch_key> any(const std::string& state) {
    auto all = keys(state);
    if (all.empty())
      return std::nullopt;
    return all[random_() % all.size()];
  }

  void take() {
    std::optional<batch_key> wanted;
    for (auto key : keys("planned"))
      if (out_.count(key) == 0
          && (!wanted || model_[key].depth > model_[*wanted].depth))
        wanted = key;
    auto got = must(store->next_planned());
    if (!wanted)
      return pool(got);
    REQUIRE(got);
    REQUIRE(got->key == *wanted);
    CHECK(got->urls == model_[*wanted].urls);
    CHECK(got->depth == model_[*wanted].depth);
    out_.insert(*wanted);
  }

  /// Nothing was planned, so the batch comes from the pool of waiting URLs.
  void pool(const std::optional<url_batch>& got) {
    REQUIRE(got.has_value() == any_waits());
    if (!got)
      return;
    CHECK(got->urls.size() <= run_size);
    CHECK(model_.rbegin()->first < got->key);
    auto added = model_batch{};
    std::set<bool> refused;
    for (auto url : got->urls) {
      added.urls.emplace_back(url);
      auto from = std::find_if(model_.begin(), model_.end(), [&](auto& entry) {
        return entry.second.waiting.count(added.urls.back()) > 0;
      });
      REQUIRE(from != model_.end());
      auto& batch = from->second;
      batch.waiting.erase(added.urls.back());
      batch.moved.insert(added.urls.back());
      CHECK((added.round == 0 || added.round == batch.next_round));
      added.round = batch.next_round;
      refused.insert(batch.state == "rejected");
    }
    CHECK(refused.size() == 1);
    model_[got->key] = added;
    out_.insert(got->key);
  }

  bool any_waits() const {
    return std::any_of(model_.begin(), model_.end(), [](auto& entry) {
      return !entry.second.waiting.empty();
    });
  }

  /// A retry with pending URLs.
  bool is_unfinished(uint64_t round) const {
    return round > 0
           && std::any_of(model_.begin(), model_.end(), [&](auto& entry) {
                auto& batch = entry.second;
                return (batch.round == round && batch.state != "split"
                        && batch.uncaptured() == "pending")
                       || (!batch.waiting.empty() && batch.next_round == round);
              });
  }

  void submit_again() {
    auto bits = random_() % 8;
    retry_kinds kinds{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0};
    std::map<std::string, uint64_t> expected;
    std::vector<batch_key> taken;
    for (auto& [key, batch] : model_) {
      auto name = batch.uncaptured();
      auto wanted = batch.state != "split"
                    && ((kinds.missing && name == "missing")
                        || (kinds.failed && name == "failed")
                        || (kinds.rejected && name == "rejected"));
      if (!wanted || batch.left().empty())
        continue;
      if (is_unfinished(batch.round)) {
        ++spared_;
        continue;
      }
      expected[name] += batch.left().size();
      taken.push_back(key);
    }
    auto counts = must(store->begin_round(kinds, 9'000)).taken;
    CHECK(counts.missing == expected["missing"]);
    CHECK(counts.failed == expected["failed"]);
    CHECK(counts.rejected == expected["rejected"]);
    if (taken.empty())
      return;
    round_sizes_.push_back(counts.total());
    for (auto key : taken) {
      auto& batch = model_[key];
      batch.waiting = batch.left();
      batch.next_round = round_sizes_.size();
      for (auto& url : batch.waiting)
        was_left_[batch.round][batch.uncaptured()].insert(url);
    }
  }

  void submit() {
    auto key = any("planned");
    if (!key)
      return;
    must(store->begin_submit(*key, {"worker", 0}));
    model_[*key].state = "in_flight";
    out_.erase(*key);
  }

  void settle() {
    auto key = any("in_flight");
    if (!key)
      return;
    auto& batch = model_[*key];
    switch (random_() % 8) {
      default:
        batch.run_id = "run_" + std::to_string(random_());
        batch.state = "running";
        return must(
          store->settle(*key, submit_result::accepted, batch.run_id, 5));
      case 4:
        batch.state = "planned";
        return must(store->settle(*key, submit_result::replanned, {}, 1));
      case 5:
        if (batch.urls.size() < 2)
          return;
        return halve(*key);
      case 6:
        batch.state = "rejected";
        return must(store->settle(*key, submit_result::rejected, "400", 1));
      case 7:
        batch.state = "held";
        return must(store->settle(*key, submit_result::held, "timeout", 1));
    }
  }

  void halve(batch_key key) {
    must(store->settle(key, submit_result::split, {}, 1));
    auto whole = model_[key];
    model_[key].state = "split";
    auto middle =
      whole.urls.begin() + static_cast<ptrdiff_t>(whole.urls.size() / 2);
    for (auto& half : {std::vector(whole.urls.begin(), middle),
                       std::vector(middle, whole.urls.end())}) {
      auto& added = model_[model_.rbegin()->first + 1];
      added.urls = half;
      added.depth = whole.depth + 1;
      added.round = whole.round;
    }
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
    auto key = any("running");
    if (!key)
      return;
    auto& batch = model_[*key];
    if (random_() % 6 == 0) {
      batch.state = batch.paging.next_page > 0 ? "set_aside" : "held";
      return must(store->give_up(*key, "too old"));
    }
    batch.state = "ended";
    batch.end = random_end();
    must(store->record_end(*key, *batch.end, {{"name", batch.run_id}}));
  }

  void checkpoint_some() {
    checkpoint cut;
    delivery_ += random_() % 3;
    cut.delivery = delivery_;
    cut.sinks = {{"all", std::to_string(delivery_)}};
    for (auto key : keys("ended"))
      if (random_() % 2 == 0)
        cut.runs.push_back(progress(key));
    must(store->commit(cut));
  }

  run_progress progress(batch_key key) {
    auto& batch = model_[key];
    auto& at = batch.paging;
    at.cursor = std::to_string(random_());
    ++at.next_page;
    at.covered.resize((batch.urls.size() + 7) / 8);
    run_progress result;
    result.batch = key;
    for (auto count = random_() % 6; count > 0; --count) {
      ++at.captures;
      at.unmatched += random_() % 4 == 0 ? 1 : 0;
      at.repeated += random_() % 4 == 0 ? 1 : 0;
      auto place = random_() % batch.urls.size();
      at.covered[place / 8] |= static_cast<uint8_t>(1 << place % 8);
      capture_identity identity;
      for (auto& byte : identity)
        byte = static_cast<uint8_t>(random_());
      result.new_identities.push_back(identity);
      batch.seen.push_back(identity);
    }
    result.state = at;
    switch (random_() % 6) {
      case 0:
      case 1:
        batch.end = result.done = random_end();
        batch.state = "done";
        break;
      case 2:
        result.set_aside = "not JSON";
        batch.state = "set_aside";
        break;
      default:
        break;
    }
    return result;
  }

  void resubmit() {
    auto key = any("held");
    if (!key)
      return;
    must(store->resubmit(*key));
    auto& added = model_[model_.rbegin()->first + 1];
    added.urls = model_[*key].urls;
    added.depth = model_[*key].depth;
    added.round = model_[*key].round;
    model_[*key].state = "split";
  }

  /// Decides about a run that is set aside or a batch that is held.
  void decide() {
    if (random_() % 3 == 0)
      return resubmit();
    auto key = any("set_aside");
    if (!key)
      return;
    auto& batch = model_[*key];
    if (random_() % 3 == 0) {
      batch.end->outcome = run_outcome::lost;
      batch.state = "done";
      return must(store->abandon(*key));
    }
    batch.state = "running";
    must(store->read_again(*key, 7));
    auto runs = must(store->take_adopted());
    REQUIRE(runs.size() == 1);
    CHECK(runs[0].batch == *key);
    CHECK(runs[0].run.id == batch.run_id);
  }

  /// A change from the wrong state is refused and has no effect.
  void misuse() {
    auto key = static_cast<batch_key>(1 + random_() % (model_.size() + 2));
    auto state = model_.count(key) != 0 ? model_[key].state : "";
    if (state != "planned")
      CHECK(code_of(store->begin_submit(key, {"worker", 0})) == ec::internal);
    if (state != "in_flight") {
      CHECK(code_of(store->settle(key, submit_result::accepted, "r", 1))
            == ec::internal);
      CHECK(code_of(store->settle(key, submit_result::split, {}, 1))
            == ec::internal);
    }
    if (state != "running")
      CHECK(code_of(store->record_end(key, {}, {{"a", "b"}})) == ec::internal);
    if (state != "set_aside")
      CHECK(code_of(store->read_again(key, 7)) == ec::usage);
    if (state != "ended")
      CHECK(code_of(store->commit({delivery_ + 9,
                                   {{"all", "wrong"}},
                                   {{key, {}, {}, std::nullopt}},
                                   {}}))
            == ec::internal);
  }

  void restart() {
    open();
    must(store->retry_missing_by({0, run_size}));
    out_.clear();
    CHECK(must(store->hold_interrupted()) == keys("in_flight").size());
    for (auto key : keys("in_flight"))
      model_[key].state = "held";
    compare_urls();
    if (delivery_ > 0)
      CHECK(must(store->position_of("all")).value_or("")
            == std::to_string(delivery_));
  }

  account expected_account() const {
    account sums;
    for (auto& [key, batch] : model_) {
      auto captured = batch.covered();
      auto rest = batch.left().size();
      auto& state = batch.state;
      sums.pending += batch.waiting.size();
      sums.runs += batch.run_id.empty() ? 0 : 1;
      sums.open_runs += state == "running" || state == "ended" ? 1 : 0;
      sums.held_batches += state == "held" ? 1 : 0;
      sums.set_aside_runs += state == "set_aside" ? 1 : 0;
      sums.captures += batch.paging.captures;
      sums.unmatched += batch.paging.unmatched;
      sums.repeated += batch.paging.repeated;
      sums.captured += captured;
      if (state == "held")
        sums.held += rest;
      else if (state == "set_aside")
        sums.set_aside += rest;
      else if (state == "rejected")
        sums.rejected += rest;
      else if (state == "done" && batch.end->outcome == run_outcome::completed)
        sums.missing += rest;
      else if (state == "done")
        sums.failed += rest;
      else if (state != "split")
        sums.pending += rest;
      if (state == "done"
          && batch.end->extracted.value_or(0) > batch.paging.captures)
        sums.shortfall += *batch.end->extracted - batch.paging.captures;
    }
    return sums;
  }

  /// Each round has the URLs of its batches and those left to later rounds.
  void compare_rounds(const std::vector<round_report>& rounds) {
    REQUIRE(rounds.size()
            == (round_sizes_.empty() ? 0 : round_sizes_.size() + 1));
    std::map<uint64_t, std::map<std::string, uint64_t>> wanted;
    for (auto& [round, states] : was_left_)
      for (auto& [state, urls] : states)
        wanted[round][state] += urls.size();
    for (auto& [key, batch] : model_)
      if (batch.state != "split") {
        wanted[batch.round]["captured"] += batch.covered();
        wanted[batch.round][batch.uncaptured()] += batch.left().size();
        wanted[batch.next_round]["pending"] += batch.waiting.size();
      }
    for (auto& round : rounds) {
      CAPTURE(round.number);
      auto& states = wanted[round.number];
      CHECK(round.urls
            == (round.number == 0 ? total_ : round_sizes_[round.number - 1]));
      CHECK(round.taken.total() == (round.number == 0 ? 0 : round.urls));
      CHECK(round.captured == states["captured"]);
      CHECK(round.missing == states["missing"]);
      CHECK(round.failed == states["failed"]);
      CHECK(round.rejected == states["rejected"]);
      CHECK(round.held == states["held"]);
      CHECK(round.set_aside == states["set_aside"]);
      CHECK(round.pending == states["pending"]);
    }
  }

  void compare_runs() {
    for (auto& run : must(store->open_runs())) {
      auto& batch = model_[run.batch];
      CHECK(run.run.id == batch.run_id);
      CHECK(run.url_count == batch.urls.size());
      REQUIRE(run.end.has_value() == (batch.state == "ended"));
      if (!run.end)
        continue;
      CHECK(run.end->outcome == batch.end->outcome);
      CHECK(run.end->extracted == batch.end->extracted);
      CHECK(run.run.saved.at("name") == batch.run_id);
      auto start = must(store->start_paging(run.batch));
      CHECK(start.urls == batch.urls);
      CHECK(start.seen == batch.seen);
      CHECK(start.state.cursor == batch.paging.cursor);
      CHECK(start.state.next_page == batch.paging.next_page);
      CHECK(start.state.covered == batch.paging.covered);
    }
  }

  std::mt19937 random_;
  std::map<batch_key, model_batch> model_;
  std::set<batch_key> out_;
  std::vector<uint64_t> round_sizes_; ///< sizes of the retries
  uint64_t spared_ = 0;
  /// URLs left to later rounds, by round and state.
  std::map<uint64_t, std::map<std::string, std::set<std::string>>> was_left_;
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

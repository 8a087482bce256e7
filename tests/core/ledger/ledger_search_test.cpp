// The search for bad URLs over whole jobs: what it costs, and that each URL is
// in exactly one batch and bought at most once, whatever the API does.

#include "tests/core/ledger/contract_fixture.hpp"

#include <algorithm>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

using urls_set = std::set<std::string>;

/// Requests for a run besides its submit: one poll, one page.
constexpr size_t reads_per_run = 2;

retry_rule batches_of(uint32_t urls) {
  retry_rule rule;
  rule.urls_per_run = urls;
  return rule;
}

/// An API that refuses some URLs.
struct picky_api {
  urls_set bad;
  bool names_it = false; ///< its refusals name the first bad URL

  /// nullptr if none in the batch is bad.
  [[nodiscard]] const std::string* refused(const url_batch& batch) const {
    for (auto url : batch.urls)
      if (auto found = bad.find(std::string{url}); found != bad.end())
        return &*found;
    return nullptr;
  }

  [[nodiscard]] std::string message(const url_batch& batch) const {
    return names_it ? "HTTP 422: no such page: " + *refused(batch)
                    : "HTTP 422: a URL is bad";
  }
};

/// A submitter with one batch at a time.
struct plain_job {
  run_store& store;
  const picky_api& api;
  size_t requests = 0;
  size_t runs = 0;
  urls_set accepted{};
  urls_set rejected{};
  submit_result refusal = submit_result::narrowed;

  void finish() {
    while (auto batch = must(store.next_planned()))
      submit(*batch);
  }

  void submit(const url_batch& batch) {
    must(store.begin_submit(batch.key, {"worker", 0}));
    ++requests;
    if (api.refused(batch) != nullptr)
      return refuse(batch);
    must(store.settle(batch.key, submit_result::accepted,
                      "run_" + std::to_string(batch.key), 1));
    ++runs;
    requests += reads_per_run;
    for (auto url : batch.urls)
      CHECK(accepted.emplace(url).second);
  }

  void refuse(const url_batch& batch) {
    auto is_single = batch.urls.size() == 1;
    must(store.settle(batch.key, is_single ? submit_result::rejected : refusal,
                      api.message(batch), 1));
    if (is_single)
      CHECK(rejected.emplace(batch.urls.front()).second);
  }
};

/// One URL in a hundred, by chance.
urls_set one_percent(size_t batches, size_t size) {
  std::mt19937 random{7};
  urls_set result;
  for (size_t i = 0; i < batches; ++i)
    for (auto& url : ledger_fixture::urls_of(i, size))
      if (random() % 100 == 0)
        result.insert(url);
  return result;
}

} // namespace

#define SEARCH_CASE(title)                                                     \
  TEMPLATE_TEST_CASE(title, "[ledger][search]", sqlite_store, memory_store)

namespace {

/// The requests that each bad URL of a job costs, compared with a job without
/// bad URLs.
template <class Store>
double price_of_bad(size_t size, bool names_it, submit_result refusal) {
  size_t batches = 30'000 / size;
  contract<Store> stores;
  stores.import(batches, size);
  must(
    stores.ledger().retry_missing_by(batches_of(static_cast<uint32_t>(size))));
  must(stores.ledger().begin_group()); // for speed
  picky_api api{one_percent(batches, size), names_it};
  plain_job job{stores.ledger(), api};
  job.refusal = refusal;
  job.finish();
  must(stores.ledger().end_group());
  CHECK(job.rejected == api.bad);
  CHECK(job.accepted.size() + job.rejected.size() == batches * size);
  auto without = batches * (1 + reads_per_run);
  return static_cast<double>(job.requests - without)
         / static_cast<double>(api.bad.size());
}

} // namespace

SEARCH_CASE("a bad URL costs less than two thirds of what testing both halves "
            "costs") {
  auto size = GENERATE(100u, 300u);
  auto halves = price_of_bad<TestType>(size, false, submit_result::split);
  auto price = price_of_bad<TestType>(size, false, submit_result::narrowed);
  CAPTURE(size, halves, price);
  // No search could cost less than 11.7 for 100 URLs or 13.7 for 300.
  CHECK(price < (size == 100 ? 13 : 16));
  CHECK(price < 0.667 * halves);
}

SEARCH_CASE("a bad URL that the refusal names costs two more requests") {
  auto size = GENERATE(100u, 300u);
  CHECK(price_of_bad<TestType>(size, true, submit_result::narrowed) < 2.1);
}

SEARCH_CASE("parts left over from several batches share a full one") {
  contract<TestType> stores;
  stores.import(5, 10);
  must(stores.ledger().retry_missing_by(batches_of(10)));
  picky_api api;
  for (size_t i = 0; i < 5; ++i)
    api.bad.insert(ledger_fixture::urls_of(i, 10)[0]);
  plain_job job{stores.ledger(), api};
  job.finish();
  CHECK(job.rejected == api.bad);
  CHECK(job.runs == 5); // 45 URLs
}

SEARCH_CASE("a rest is not sent whole once its test was accepted") {
  contract<TestType> stores;
  stores.import(2, 10);
  auto& store = stores.ledger();
  must(store.retry_missing_by(batches_of(10)));
  auto next = [&] {
    auto batch = must(store.next_planned());
    REQUIRE(batch);
    must(store.begin_submit(batch->key, {"worker", 0}));
    return *batch;
  };
  auto whole = next();
  must(store.settle(whole.key, submit_result::narrowed, "422", 1));
  auto first = next(); // nothing was accepted yet
  CHECK(first.urls.size() == 1);
  CHECK(next().key == 2); // the rest waits
  must(store.settle(first.key, submit_result::accepted, "run_a", 1));
  auto second = next();
  CHECK(second.urls.size() == 5); // of the nine
  CHECK_FALSE(must(store.next_planned()));
  // The API has changed its mind: nothing is lost.
  must(store.settle(second.key, submit_result::accepted, "run_b", 1));
  auto third = next();
  CHECK(third.urls.size() == 2);
  must(store.settle(third.key, submit_result::accepted, "run_c", 1));
  auto fourth = next();
  CHECK(fourth.urls.size() == 1);
  must(store.settle(fourth.key, submit_result::accepted, "run_d", 1));
  auto last = next();
  CHECK(last.urls.size() == 1);
  must(store.settle(last.key, submit_result::accepted, "run_e", 1));
  must(store.settle(2, submit_result::accepted, "run_f", 1));
  CHECK_FALSE(must(store.next_planned()));
  CHECK(must(store.planned_left()) == 0);
}

SEARCH_CASE(
  "a test with an unknown outcome, or one that is too large, releases the "
  "rest") {
  contract<TestType> stores;
  stores.import(1, 10);
  auto& store = stores.ledger();
  must(store.retry_missing_by(batches_of(10)));
  auto next = [&] {
    auto batch = must(store.next_planned());
    REQUIRE(batch);
    must(store.begin_submit(batch->key, {"worker", 0},
                            submit_ticket{"key", {}, 77}));
    return *batch;
  };
  must(store.settle(next().key, submit_result::narrowed, "422: /0/3", 1));
  auto test = next();
  CHECK_FALSE(must(store.next_planned()));
  SECTION("held") {
    must(store.settle(test.key, submit_result::held, "lost", 1));
  }
  SECTION("to be repeated") {
    must(store.repeat_submit(test.key, {"worker", 0}));
  }
  SECTION("refused alone") {
    must(store.settle(test.key, submit_result::rejected, "422", 1));
  }
  CHECK(next().urls.size() == 9);
}

namespace {

/// Submits with all kinds of replies, kills and restarts.
template <class Store>
class rough_job {
public:
  explicit rough_job(unsigned seed) : random_{seed} {
    stores_.import(batches, size);
    for (size_t i = 0; i < batches; ++i)
      for (auto& url : ledger_fixture::urls_of(i, size))
        if (random_() % 10 == 0)
          api_.bad.insert(url);
    api_.names_it = seed % 2 == 0;
    begin();
  }

  void finish() {
    for (auto steps = 0; steps < 20'000; ++steps) {
      auto is_full = in_flight_.size() >= 5;
      if (is_full || random_() % 3 == 0) {
        settle_one();
      } else if (random_() % 150 == 0) {
        restart();
      } else if (!take() && in_flight_.empty()) {
        return;
      }
      settle_one();
    }
    FAIL("the job does not end");
  }

  void check() const {
    urls_set all = accepted_;
    all.insert(held_.begin(), held_.end());
    all.insert(rejected_.begin(), rejected_.end());
    CHECK(all.size() == batches * size);
    CHECK(accepted_.size() + held_.size() + rejected_.size() == all.size());
  }

private:
  static constexpr size_t batches = 40;
  static constexpr size_t size = 12;

  void begin() {
    must(stores_.ledger().retry_missing_by(batches_of(size)));
    for (auto& batch : in_flight_)
      hold(batch);
    CHECK(must(stores_.ledger().hold_interrupted()) == in_flight_.size());
    in_flight_.clear();
  }

  void restart() {
    stores_.restart();
    begin();
  }

  bool take() {
    auto batch = must(stores_.ledger().next_planned());
    if (!batch)
      return false;
    CHECK(batch->urls.size() <= size);
    must(stores_.ledger().begin_submit(batch->key, {"worker", 0}));
    // A submit of a URL that may have a run would buy it twice.
    for (auto url : batch->urls) {
      CHECK(accepted_.count(std::string{url}) == 0);
      CHECK(held_.count(std::string{url}) == 0);
      CHECK(rejected_.count(std::string{url}) == 0);
    }
    for (auto& other : in_flight_)
      for (auto url : other.urls)
        CHECK(std::find(batch->urls.begin(), batch->urls.end(), url)
              == batch->urls.end());
    in_flight_.push_back(std::move(*batch));
    return true;
  }

  void hold(const url_batch& batch) {
    for (auto url : batch.urls)
      held_.emplace(url);
  }

  void settle(const url_batch& batch, submit_result how,
              const std::string& text = {}) {
    must(stores_.ledger().settle(batch.key, how, text, 1));
  }

  void settle_one() {
    if (in_flight_.empty())
      return;
    auto at = in_flight_.begin()
              + static_cast<ptrdiff_t>(random_() % in_flight_.size());
    auto batch = std::move(*at);
    in_flight_.erase(at);
    auto is_single = batch.urls.size() == 1;
    auto chance = random_() % 40;
    if (chance == 0) {
      hold(batch);
      return settle(batch, submit_result::held, "lost");
    }
    if (chance < 5)
      return settle(batch, submit_result::replanned);
    if (chance == 5 && !is_single)
      return settle(batch, submit_result::split);
    // Now and then, the API changes its mind.
    auto changes_mind = random_() % 20 == 0;
    if ((api_.refused(batch) != nullptr) != changes_mind)
      return refuse(batch);
    settle(batch, submit_result::accepted, "run_" + std::to_string(batch.key));
    for (auto url : batch.urls)
      accepted_.emplace(url);
  }

  void refuse(const url_batch& batch) {
    auto text =
      api_.refused(batch) != nullptr ? api_.message(batch) : std::string{"no"};
    if (batch.urls.size() > 1)
      return settle(batch, submit_result::narrowed, text);
    rejected_.emplace(batch.urls.front());
    settle(batch, submit_result::rejected, text);
  }

  contract<Store> stores_;
  std::mt19937 random_;
  picky_api api_;
  std::vector<url_batch> in_flight_;
  urls_set accepted_;
  urls_set held_;
  urls_set rejected_;
};

} // namespace

SEARCH_CASE("each URL is bought at most once and none is lost, whatever the "
            "API refuses and whenever the job is killed") {
  auto seed = GENERATE(range(1u, 13u));
  CAPTURE(seed);
  rough_job<TestType> job{seed};
  job.finish();
  job.check();
}

SEARCH_CASE("the account adds up while a bad URL is searched for") {
  contract<TestType> store;
  store.import(6, 10);
  must(store->retry_missing_by(batches_of(10)));
  picky_api api;
  for (size_t i = 0; i < 6; ++i)
    api.bad.insert(url_of(i, i));
  plain_job job{store.ledger(), api};
  while (auto batch = must(store->next_planned())) {
    job.submit(*batch);
    auto sums = must(store->report());
    CHECK(sums.total() == 60);
    CHECK(sums.rejected == job.rejected.size());
    uint64_t listed = 0;
    must(store->each_url(url_state::pending, [&](const listed_url&) {
      ++listed;
      return true;
    }));
    CHECK(listed == sums.pending);
  }
}

SEARCH_CASE("a part left over from a resubmitted batch keeps its history") {
  contract<TestType> store;
  store.import(3, 10);
  must(store->retry_missing_by(batches_of(10)));
  auto held = store.in_flight();
  must(store->settle(held, submit_result::held, "lost", 1));
  must(store->resubmit(held));
  auto lost = url_of(0, 9);
  picky_api api{{url_of(0, 0), url_of(1, 0), url_of(2, 0)}};
  plain_job job{store.ledger(), api};
  job.finish();
  CHECK(job.rejected == api.bad);
  auto places = must(store->find_url(lost, 9));
  REQUIRE(places.size() == 2);
  CHECK(places[0].batch == held);
  CHECK(places[0].given_up);
  CHECK(places[1].urls == 4); // it shares no batch with the others
}

SEARCH_CASE("a search does not count URLs of a limit again") {
  contract<TestType> store;
  store.import(6, 10);
  must(store->retry_missing_by(batches_of(10)));
  store->limit_submits({25, std::nullopt});
  picky_api api{{url_of(0, 3), url_of(1, 7), url_of(2, 1)}};
  plain_job job{store.ledger(), api};
  job.finish();
  CHECK(job.accepted.size() + job.rejected.size() == 25);
  CHECK(job.rejected == api.bad);
  CHECK_FALSE(store->limited_by().empty());
}

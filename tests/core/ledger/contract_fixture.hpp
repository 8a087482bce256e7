// The contract of the ledger's four parts: the same cases over the SQLite
// ledger and over the one in memory, which stands in for it where actors run in
// virtual time.

#pragma once

#include "core/db/sqlite.hpp"
#include "core/ledger/import_store.hpp"
#include "core/ledger/job_store.hpp"
#include "tests/core/ledger/ledger_fixture.hpp"
#include "tests/support/memory_ledger/memory_ledger.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice::test {

using texts = std::vector<std::string>;

class sqlite_store : private ledger_fixture {
public:
  using ledger_type = sluice::ledger;

  sqlite_store() { open(); }
  /// Continues as another process.
  void restart() { open(); }
  /// Another process that works on the job at the same time.
  std::unique_ptr<ledger_type> beside() { return must(attach_ledger(file)); }
  ledger_type& ledger() { return *store; }

  std::string state_of(batch_key key) {
    auto db = must(sqlite::database::open(file));
    auto row = db->use("SELECT state FROM batch WHERE id = ?1", key);
    REQUIRE(row.next());
    return row.text(0);
  }
};

class memory_store {
public:
  using ledger_type = memory_ledger;

  memory_store() { restart(); }
  void restart() { ledger_ = beside(); }
  std::unique_ptr<ledger_type> beside() {
    return std::make_unique<memory_ledger>(job_);
  }
  ledger_type& ledger() { return *ledger_; }

  std::string state_of(batch_key key) {
    return std::string{name_of(ledger_->find(key)->state)};
  }

private:
  std::shared_ptr<memory_job> job_ = std::make_shared<memory_job>();
  std::unique_ptr<memory_ledger> ledger_;
};

/// The steps of the cases, on one of the stores.
template <class Store>
class contract : public Store {
public:
  using Store::ledger;

  auto* operator->() { return &ledger(); }

  /// Imports batches 1 to `count` of `size` URLs each.
  void import(size_t count, size_t size) {
    must(ledger().begin_import());
    for (size_t i = 0; i < count; ++i)
      add(i, size);
    auto urls = count * size;
    must(ledger().finish_import({urls, 0, 0, urls, count}));
  }

  /// Adds the i-th batch of an import.
  void add(size_t i, size_t size) {
    auto& urls = ledger_fixture::urls_of(i, size);
    must(ledger().add_batch("robot", ledger_fixture::views(urls)));
  }

  /// Continues as another process.
  void restart() {
    Store::restart();
    worker_ = "worker " + std::to_string(++starts_);
  }

  std::optional<url_batch> next() { return must(ledger().next_planned()); }

  caf::error begin(batch_key batch) {
    return ledger().begin_submit(batch, {worker_, 0, 10});
  }

  batch_key in_flight() {
    auto batch = next();
    REQUIRE(batch);
    must(begin(batch->key));
    return batch->key;
  }

  caf::error
  settle(batch_key batch, submit_result result, const std::string& text = {}) {
    return ledger().settle(batch, result, text, 1'000);
  }

  caf::error accept(batch_key batch, const std::string& run) {
    return settle(batch, submit_result::accepted, run);
  }

  batch_key held() {
    auto batch = in_flight();
    must(settle(batch, submit_result::held, "no reply"));
    return batch;
  }

  batch_key rejected() {
    auto batch = in_flight();
    must(settle(batch, submit_result::rejected, "422"));
    return batch;
  }

  batch_key running() {
    auto batch = in_flight();
    must(accept(batch, "run_" + std::to_string(batch)));
    return batch;
  }

  batch_key
  ended(const run_result& end = {run_outcome::completed, "finished", 3}) {
    auto batch = running();
    must(ledger().record_end(batch, end, {{"file", "f"}}));
    return batch;
  }

  /// A batch whose run delivered `captures` captures, of the URLs in `covered`.
  batch_key
  done(uint64_t captures, coverage_bits covered,
       const run_result& end = {run_outcome::completed, "finished", {}}) {
    auto batch = ended(end);
    must(commit_next(
      {batch, {"", 1, captures, 0, 0, std::move(covered)}, {}, end}));
    return batch;
  }

  /// The same for a run that was set aside while its captures were read.
  batch_key set_aside(uint64_t captures, coverage_bits covered) {
    auto batch = ended();
    run_progress part{
      batch, {"", 1, captures, 0, 0, std::move(covered)}, {}, std::nullopt};
    part.set_aside = "not JSON";
    must(commit_next(part));
    return batch;
  }

  caf::error commit(uint64_t delivery, std::vector<run_progress> parts = {}) {
    checkpoint cut;
    cut.delivery = delivery;
    cut.sinks = {{"out", std::to_string(delivery)}};
    cut.runs = std::move(parts);
    return ledger().commit(cut);
  }

  caf::error commit_next(const run_progress& part) {
    return commit(must(ledger().last_delivery()) + 1, {part});
  }

  /// What a start continues with, as "1: run_1" or "1: run_1 finished".
  texts open_runs() { return names_of(must(ledger().open_runs())); }

  static texts names_of(const std::vector<open_run>& runs) {
    texts result;
    for (auto& run : runs)
      result.push_back(std::to_string(run.batch) + ": " + run.run.id
                       + (run.end ? " " + run.end->state : ""));
    return result;
  }

  uint64_t left() { return must(ledger().planned_left()); }

  /// The URLs in a state.
  texts listed(url_state state) {
    texts result;
    must(ledger().each_url(state, [&](const listed_url& url) {
      result.emplace_back(url.url);
      return true;
    }));
    return result;
  }

  account report() { return must(ledger().report()); }

private:
  int starts_ = 0;
  std::string worker_ = "worker 0";
};

/// The j-th URL of the i-th batch of an import.
inline std::string url_of(size_t i, size_t j) {
  return ledger_fixture::urls_of(i, j + 1).back();
}

#define CONTRACT_CASE(title)                                                   \
  TEMPLATE_TEST_CASE("contract: " title, "[ledger]", sqlite_store, memory_store)

} // namespace sluice::test

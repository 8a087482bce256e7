// Starts of a job with limits, and short ways to submit the batches they hand
// out.

#pragma once

#include "core/model/batch.hpp"
#include "core/model/listing.hpp"
#include "core/model/run.hpp"
#include "core/model/submit_ticket.hpp"
#include "tests/core/ledger/ledger_fixture.hpp"

#include <bit>
#include <optional>
#include <string>
#include <vector>

namespace sluice::test {

struct limits_fixture : ledger_fixture {
  /// A start of the job: `open` with a new worker and its limits.
  void start(std::optional<uint64_t> urls,
             std::optional<credit_budget> credits = {},
             uint32_t retry_times = 0) {
    open();
    worker = "worker " + std::to_string(++starts);
    must(store->hold_interrupted(true));
    must(store->retry_missing_by(retries(retry_times)));
    store->limit_submits({urls, credits});
  }

  void start_paid(uint64_t credits, uint32_t retry_times = 0) {
    start({}, credit_budget{credits, {}}, retry_times);
  }

  std::optional<url_batch> next() { return must(store->next_planned()); }

  void begin(const url_batch& batch,
             const std::optional<submit_ticket>& ticket = {}) {
    must(store->begin_submit(batch.key, {worker, 0}, ticket));
  }

  void accept(const url_batch& batch) {
    begin(batch);
    must(store->settle(batch.key, submit_result::accepted,
                       "run_" + std::to_string(batch.key), 1));
  }

  /// The run of a batch ends with captures of the URLs of `bits`.
  void end(const url_batch& batch, uint8_t bits,
           run_outcome outcome = run_outcome::completed,
           std::optional<uint64_t> extracted = {}) {
    run_result ending{outcome, "ended", extracted};
    must(store->record_end(batch.key, ending, {}));
    run_progress all;
    all.batch = batch.key;
    all.state.covered = {bits};
    all.state.captures =
      static_cast<uint64_t>(std::popcount(static_cast<unsigned>(bits)));
    all.done = ending;
    auto delivery = must(store->last_delivery()) + 1;
    must(store->commit({delivery, {}, {all}, {}}));
  }

  /// Submits every batch handed out and ends its run with all captures.
  std::vector<std::string> submit_all() {
    std::vector<std::string> urls;
    while (auto batch = next()) {
      for (auto one : batch->urls)
        urls.emplace_back(one);
      accept(*batch);
      end(*batch, static_cast<uint8_t>((1U << batch->urls.size()) - 1));
    }
    return urls;
  }

  /// The n-th URL of the list.
  static std::string url(size_t n) {
    return urls_of(n / run_size, run_size)[n % run_size];
  }

  static std::vector<std::string> urls_from(size_t begin, size_t end) {
    std::vector<std::string> result;
    for (auto i = begin; i < end; ++i)
      result.push_back(url(i));
    return result;
  }

  int starts = 0;
  std::string worker;
};

} // namespace sluice::test

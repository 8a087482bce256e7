// A ledger in memory, for tests and benchmarks that run actors in virtual time.
// It passes the same contract suite as the SQLite ledger
// (tests/core/ledger/contract_*_test.cpp). The tests of the actors use it
// behind `fake_ledger`.

#pragma once

#include "core/ledger/bad_url_search.hpp"
#include "core/ledger/import_store.hpp"
#include "core/ledger/job_store.hpp"
#include "tests/support/memory_ledger/memory_job.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::test {

class memory_ledger final : public import_store, public job_store {
public:
  /// A process that works on `job`.
  explicit memory_ledger(
    std::shared_ptr<memory_job> job = std::make_shared<memory_job>())
      : job_{std::move(job)}, seen_changes_{job_->changes} {}

  // -- for tests: the job as an import or an earlier process left it --------

  /// A batch in `state`; replaces one with this key.
  memory_batch& put(batch_key key, const std::vector<std::string>& urls,
                    batch_state state = batch_state::planned);

  /// nullptr if there is no such batch.
  [[nodiscard]] memory_batch* find(batch_key key) { return job_->find(key); }

  // -- import_store, imports.cpp --------------------------------------------

  [[nodiscard]] caf::error bind(const job_binding& identity) override;
  [[nodiscard]] caf::error check_bound(const job_binding& identity) override;
  [[nodiscard]] caf::error begin_import() override;
  caf::error add_batch(std::string_view robot,
                       const std::vector<std::string_view>& urls) override;
  caf::error add_invalid(const invalid_record& record) override;
  caf::error add_list(const list_identity& list) override;
  [[nodiscard]] caf::error finish_import(const import_counts& counts) override;
  [[nodiscard]] caf::expected<std::vector<list_identity>> lists() override;
  [[nodiscard]] caf::error
  renew_lists(const std::vector<list_identity>& lists) override;

  // -- run_store: handing_out.cpp, submits.cpp -----------------------------

  [[nodiscard]] caf::error begin_group() override;
  [[nodiscard]] caf::error end_group() override;
  [[nodiscard]] caf::expected<std::optional<url_batch>> next_planned() override;
  [[nodiscard]] caf::expected<uint64_t> planned_left() override;
  void limit_submits(submit_limits limits) override;
  [[nodiscard]] const std::string& limited_by() const noexcept override;
  [[nodiscard]] caf::error
  begin_submit(batch_key batch, const lease& claim,
               const std::optional<submit_ticket>& ticket = {}) override;
  [[nodiscard]] caf::error
  repeat_submit(batch_key batch, const lease& claim) override;
  [[nodiscard]] caf::error settle(batch_key batch, submit_result result,
                                  const std::string& text,
                                  int64_t now_ms) override;
  [[nodiscard]] caf::expected<uint64_t>
  hold_interrupted(bool repeatable = false) override;
  [[nodiscard]] size_t left_to_repeat() const noexcept override;
  [[nodiscard]] caf::expected<bool> has_runs() override;

  // -- run_store: retries.cpp, runs.cpp -------------------------------------

  [[nodiscard]] caf::error retry_missing_by(retry_rule rule) override;
  [[nodiscard]] caf::error
  record_end(batch_key batch, const run_result& end,
             const std::map<std::string, std::string>& saved) override;
  [[nodiscard]] caf::error
  give_up(batch_key batch, const std::string& reason) override;
  [[nodiscard]] caf::error
  set_aside(batch_key batch, const std::string& reason) override;
  [[nodiscard]] caf::expected<std::vector<open_run>> open_runs() override;
  [[nodiscard]] caf::expected<paging_start>
  start_paging(batch_key batch) override;
  [[nodiscard]] caf::error commit(const checkpoint& point) override;
  [[nodiscard]] caf::expected<std::optional<sink_position>>
  position_of(const std::string& sink) override;
  [[nodiscard]] caf::expected<uint64_t> last_delivery() override;

  // -- decision_store: decisions.cpp, retries.cpp ---------------------------

  [[nodiscard]] caf::expected<url_batch> held_batch(batch_key batch) override;
  [[nodiscard]] caf::expected<std::vector<held_submit>>
  held_submits(size_t limit) override;
  [[nodiscard]] caf::expected<bool>
  knows_run(const std::string& run_id) override;
  [[nodiscard]] caf::error
  adopt(batch_key batch, const std::string& run_id, int64_t now_ms) override;
  [[nodiscard]] caf::expected<bool> adopt_found(batch_key batch,
                                                const std::string& run_id,
                                                int64_t now_ms) override;
  [[nodiscard]] caf::error resubmit(batch_key batch) override;
  [[nodiscard]] caf::error abandon(batch_key batch) override;
  [[nodiscard]] caf::error read_again(batch_key batch, int64_t now_ms) override;
  [[nodiscard]] caf::expected<begun_round>
  begin_round(const retry_kinds& kinds, int64_t now_ms) override;
  [[nodiscard]] caf::expected<bool> changed_beside() override;
  [[nodiscard]] caf::expected<std::vector<open_run>> take_adopted() override;

  // -- ledger_reader: reports.cpp, urls.cpp ---------------------------------

  [[nodiscard]] caf::expected<std::string> job_id() override;
  [[nodiscard]] caf::expected<job_binding> identity() override;
  [[nodiscard]] caf::expected<int64_t> begun_at_ms() override;
  [[nodiscard]] caf::expected<bool> is_imported() override;
  [[nodiscard]] caf::expected<import_counts> imported() override;
  [[nodiscard]] caf::expected<account> report() override;
  [[nodiscard]] caf::expected<spending> spent() override;
  [[nodiscard]] caf::expected<bought_work> work_in_hand(size_t named) override;
  [[nodiscard]] caf::expected<bought_batches>
  delivered_runs(size_t named) override;
  [[nodiscard]] caf::expected<std::vector<stuck_batch>>
  held_batches(size_t limit) override;
  [[nodiscard]] caf::expected<std::vector<stuck_batch>>
  set_aside_runs(size_t limit) override;
  [[nodiscard]] caf::expected<std::vector<stuck_batch>>
  rejected_batches(size_t limit) override;
  [[nodiscard]] caf::expected<std::vector<stuck_batch>>
  failed_batches(size_t limit) override;
  [[nodiscard]] caf::expected<std::vector<invalid_record>>
  invalid_records(size_t limit) override;
  [[nodiscard]] caf::error
  each_url(url_state state,
           const std::function<bool(const listed_url&)>& visit) override;
  [[nodiscard]] caf::expected<std::vector<std::string>>
  first_urls(batch_key batch, size_t most) override;
  [[nodiscard]] caf::expected<std::vector<url_place>>
  find_url(std::string_view url, size_t limit) override;
  [[nodiscard]] caf::expected<std::optional<std::string>>
  find_spelling(std::string_view url) override;
  [[nodiscard]] caf::expected<std::optional<invalid_record>>
  find_invalid(std::string_view text) override;

private:
  /// Makes a change, unless the open group was undone. `body` either fails
  /// before it has changed anything or does not fail.
  template <class F>
  caf::error change(F body) {
    if (lost_)
      return lost_;
    if (auto err = body())
      return err;
    ++job_->changes;
    ++own_changes_;
    return {};
  }

  /// Carries out `by`, then `apply`, if the batch's state allows it. Otherwise
  /// fails with `refusal`.
  template <class F>
  caf::error
  move(batch_change by, batch_key key, F apply, ec refusal = ec::internal) {
    return change([&]() -> caf::error {
      auto* found = find(key);
      if (found == nullptr || !may_change(found->state, by))
        return wrong_state(key, origin_of(by), refusal);
      found->state = target_of(by);
      apply(*found);
      return {};
    });
  }

  [[nodiscard]] static std::string_view origin_of(batch_change by);
  [[nodiscard]] caf::error
  wrong_state(batch_key key, std::string_view expected, ec code = ec::internal);
  [[nodiscard]] static caf::error misused(const std::string& what);
  /// Undoes the group, if one is open. Returns `reason`.
  caf::error lose_group(const caf::error& reason);
  [[nodiscard]] uint64_t count_in(batch_state state) const;

  // handing_out.cpp, submits.cpp

  caf::error accept(batch_key batch, const std::string& run_id, int64_t now_ms);
  /// An error of `code` if another batch has the run.
  [[nodiscard]] caf::error
  taken_run(batch_key batch, const std::string& run_id, ec code) const;
  caf::error replan_all(batch_key batch);
  caf::error split(batch_key batch);
  /// Two planned batches take its place, the first with the URLs at places
  /// [begin, end).
  caf::expected<std::pair<batch_key, batch_key>>
  divide(batch_change by, batch_key key, size_t begin, size_t end);
  batch_key add_part(const memory_batch& whole, uint32_t depth,
                     const std::vector<std::string>& urls);
  url_batch take_repeat();
  [[nodiscard]] bool
  is_free(const memory_batch& found, bool submitted_only) const;
  /// Not handed out. With `submitted_only`, without those that the search for
  /// bad URLs keeps.
  [[nodiscard]] uint64_t free_batches(bool submitted_only = false) const;
  memory_batch* first_free();
  caf::expected<std::optional<url_batch>>
  within_limits(const memory_batch& next);
  /// Also counts batches that are handed out, which will be submitted.
  [[nodiscard]] spending committed() const;

  // search.cpp

  [[nodiscard]] bool any_run() const;
  caf::error narrow(batch_key batch, const std::string& message);
  /// Tests a part of the rest if an accepted test shows that it is bad.
  caf::error divide_bad();
  caf::error test_part(batch_change by, batch_key batch,
                       std::string_view message, bool is_first);
  /// Plans what is left over as `to_share` says; false if there is nothing.
  bool share_left_over(bool all);
  void pool_parts(const std::vector<bad_url_search::part>& parts);

  // retries.cpp

  struct pool;
  /// The first pool to submit now, of batches that this process submitted, of
  /// others, or of any.
  [[nodiscard]] std::optional<pool>
  ready_pool(std::optional<bool> own, uint64_t least);
  [[nodiscard]] std::optional<pool> ready_pool();
  /// Plans one batch of URLs to retry; false if no batch is ready yet.
  bool plan_retry();
  [[nodiscard]] bool waits(bool decided_only) const;
  [[nodiscard]] std::set<uint64_t> unfinished_rounds() const;

  // runs.cpp

  [[nodiscard]] caf::error check(const run_progress& progress);
  void record(const run_progress& progress);
  void finish(memory_batch& run, const run_result& end) const;
  [[nodiscard]] std::vector<open_run>
  take_runs(const std::function<bool(const memory_batch&)>& wanted);

  // reports.cpp, urls.cpp

  [[nodiscard]] spending sum_spent() const;
  [[nodiscard]] std::vector<round_report> rounds() const;
  [[nodiscard]] std::vector<stuck_batch>
  stuck(size_t limit,
        const std::function<std::optional<stuck_batch>(const memory_batch&)>&
          listed) const;

  std::shared_ptr<memory_job> job_;
  std::optional<memory_job> before_; ///< the group that is open
  caf::error lost_;                  ///< why the group is undone
  bool importing_ = false;
  submit_limits limits_;
  std::string limited_by_;
  retry_rule rule_;
  std::string worker_; ///< of this process, once it has submitted
  std::set<batch_key> handed_out_;
  std::set<batch_key> submitted_before_; ///< planned; do not count again
  bad_url_search search_;
  std::deque<batch_key> to_repeat_;
  uint64_t own_changes_ = 0;
  uint64_t seen_changes_; ///< by others, as of the last check
};

} // namespace sluice::test

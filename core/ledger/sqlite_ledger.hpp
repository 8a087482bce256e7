// The ledger in one SQLite file (WAL, synchronous=FULL). Its functions are
// described by the interfaces; only `open_ledger` and `attach_ledger` make one.

#pragma once

#include "core/ledger/ledger.hpp"

namespace sluice {

class sqlite_ledger final : public ledger {
public:
  struct impl;

  explicit sqlite_ledger(std::unique_ptr<impl> state);
  ~sqlite_ledger() override;

  // import_store
  caf::error add_batch(std::string_view robot,
                       const std::vector<std::string_view>& urls) override;
  caf::error add_invalid(const invalid_record& record) override;
  caf::error add_list(const list_identity& list) override;
  [[nodiscard]] caf::error bind(const job_binding& identity) override;
  [[nodiscard]] caf::error check_bound(const job_binding& identity) override;
  [[nodiscard]] caf::error begin_import() override;
  [[nodiscard]] caf::error finish_import(const import_counts& counts) override;
  [[nodiscard]] caf::expected<std::vector<list_identity>> lists() override;
  [[nodiscard]] caf::error
  renew_lists(const std::vector<list_identity>& lists) override;

  // run_store
  [[nodiscard]] caf::error begin_group() override;
  [[nodiscard]] caf::error end_group() override;
  [[nodiscard]] caf::expected<std::optional<url_batch>> next_planned() override;
  [[nodiscard]] caf::expected<uint64_t> planned_left() override;
  void limit_submits(submit_limits limits) override;
  [[nodiscard]] const std::string& limited_by() const noexcept override;
  [[nodiscard]] caf::error
  begin_submit(batch_key batch, const lease& claim,
               const std::optional<submit_ticket>& ticket) override;
  [[nodiscard]] caf::error
  repeat_submit(batch_key batch, const lease& claim) override;
  [[nodiscard]] caf::error settle(batch_key batch, submit_result result,
                                  const std::string& text,
                                  int64_t now_ms) override;
  [[nodiscard]] caf::expected<uint64_t>
  hold_interrupted(bool repeatable) override;
  [[nodiscard]] size_t left_to_repeat() const noexcept override;
  [[nodiscard]] caf::expected<bool> has_runs() override;
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

  // decision_store
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

  // ledger_reader
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

  // ledger_file
  [[nodiscard]] const caf::error& only_read() const override;
  [[nodiscard]] bool is_of_earlier_format() const override;
  [[nodiscard]] caf::expected<uint64_t> changes() override;
  [[nodiscard]] caf::error
  rebind(const job_binding& identity,
         const std::vector<moved_sink>& sinks) override;
  [[nodiscard]] caf::error leave_for(const std::string& job_id) override;
  [[nodiscard]] caf::expected<std::string> left_for() override;
  [[nodiscard]] caf::error copy_to(const std::filesystem::path& file) override;
  [[nodiscard]] caf::error discard() override;
  [[nodiscard]] caf::expected<ledger_lock> close() override;

private:
  std::unique_ptr<impl> impl_;
};

} // namespace sluice

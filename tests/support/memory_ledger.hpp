// A run_store in memory, for tests and benchmarks that run actors in virtual
// time. It passes the same contract suite as the SQLite ledger
// (tests/core/ledger/contract_run_store_test.cpp). It does not retry missing
// URLs and knows no credits.

#pragma once

#include "core/ledger/bad_url_search.hpp"
#include "core/ledger/run_store.hpp"
#include "core/model/batch_state.hpp"

#include <algorithm>
#include <bit>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::test {

class memory_ledger : public run_store {
public:
  struct entry {
    url_batch batch; ///< with the ticket of its last submit
    batch_state state = batch_state::planned;
    std::string run_id;
    std::string reason; ///< why it is held, rejected or set aside
    int64_t submitted_at_ms = 0;
    std::map<std::string, std::string> saved;
    std::optional<run_result> end;
    paging_state paging;
    std::vector<capture_identity> seen;
  };

  // -- for tests: the job as an import or an earlier process left it --------

  /// A batch in `state`; replaces one with this key.
  entry& put(batch_key key, const std::vector<std::string>& urls,
             batch_state state = batch_state::planned) {
    auto& added = content_.batches[key];
    added = {};
    added.batch.key = key;
    added.batch.robot = "robot";
    added.batch.urls = urls;
    added.state = state;
    return added;
  }

  /// nullptr if there is no such batch.
  [[nodiscard]] entry* find(batch_key key) {
    auto found = content_.batches.find(key);
    return found == content_.batches.end() ? nullptr : &found->second;
  }

  /// Forgets what a process forgets when it ends.
  void restart() {
    handed_out_.clear();
    submitted_before_.clear();
    to_repeat_.clear();
    limits_ = {};
    limited_by_.clear();
    search_ = {};
  }

  // -- groups ---------------------------------------------------------------

  [[nodiscard]] caf::error begin_group() override {
    before_ = content_;
    return {};
  }

  [[nodiscard]] caf::error end_group() override {
    before_.reset();
    return std::exchange(lost_, {});
  }

  // -- submitting -----------------------------------------------------------

  [[nodiscard]] caf::expected<std::optional<url_batch>>
  next_planned() override {
    if (lost_)
      return lost_;
    limited_by_.clear();
    if (!to_repeat_.empty())
      return std::optional{take_repeat()};
    share_left_over(false);
    auto* next = first_free();
    if (next == nullptr && share_left_over(true))
      next = first_free();
    if (next == nullptr) {
      if (limits_.urls_used_up() && free_batches() > 0)
        limited_by_ = limits_.text(submit_limit::urls, {});
      return std::optional<url_batch>{};
    }
    return within_limits(*next);
  }

  [[nodiscard]] caf::expected<uint64_t> planned_left() override {
    return to_repeat_.size() + free_batches(limits_.urls_used_up());
  }

  void limit_submits(submit_limits limits) override {
    limits_ = std::move(limits);
  }

  [[nodiscard]] const std::string& limited_by() const noexcept override {
    return limited_by_;
  }

  [[nodiscard]] caf::error
  begin_submit(batch_key batch, const lease& claim,
               const std::optional<submit_ticket>& ticket = {}) override {
    auto err = move(batch_change::begin, batch, [&](entry& begun) {
      begun.batch.ticket = ticket;
      begun.submitted_at_ms = claim.begun_ms;
    });
    if (!err) {
      handed_out_.erase(batch);
      submitted_before_.erase(batch);
    }
    return err;
  }

  [[nodiscard]] caf::error
  repeat_submit(batch_key batch, const lease&) override {
    if (lost_)
      return lost_;
    auto* repeated = find(batch);
    auto may = repeated != nullptr && repeated->state == batch_state::in_flight
               && repeated->batch.ticket;
    if (!may)
      return wrong_state(batch, "in_flight with an idempotency key");
    search_.ended(batch);
    return {};
  }

  [[nodiscard]] caf::error settle(batch_key batch, submit_result result,
                                  const std::string& text,
                                  int64_t now_ms) override {
    auto give_up_test = [&](entry& settled) {
      settled.reason = text;
      search_.ended(batch);
    };
    switch (result) {
      case submit_result::accepted:
        return accept(batch, text, now_ms);
      case submit_result::replanned:
        return replan(batch);
      case submit_result::all_replanned:
        return replan_all(batch);
      case submit_result::held:
        return move(batch_change::hold, batch, give_up_test);
      case submit_result::split:
        return split(batch);
      case submit_result::narrowed:
        return test_part(batch_change::split, batch, text, !any_run());
      case submit_result::rejected:
        return move(batch_change::reject, batch, give_up_test);
    }
    return misused("a submit has no result");
  }

  [[nodiscard]] caf::expected<uint64_t>
  hold_interrupted(bool repeatable = false) override {
    uint64_t held = 0;
    to_repeat_.clear();
    for (auto& [key, found] : content_.batches) {
      if (found.state != batch_state::in_flight)
        continue;
      if (repeatable && found.batch.ticket) {
        to_repeat_.push_back(key);
        continue;
      }
      found.state = target_of(batch_change::interrupt);
      found.reason = "interrupted while being submitted";
      ++held;
    }
    return held;
  }

  [[nodiscard]] size_t left_to_repeat() const noexcept override {
    return to_repeat_.size();
  }

  [[nodiscard]] caf::expected<bool> has_runs() override { return any_run(); }

  [[nodiscard]] caf::error retry_missing_by(retry_rule rule) override {
    urls_per_batch_ = rule.urls_per_run;
    return rule.times == 0 ? caf::error{}
                           : misused("a ledger in memory retries nothing");
  }

  // -- runs -----------------------------------------------------------------

  [[nodiscard]] caf::error
  record_end(batch_key batch, const run_result& end,
             const std::map<std::string, std::string>& saved) override {
    return move(batch_change::end, batch, [&](entry& run) {
      run.end = end;
      run.saved = saved;
    });
  }

  [[nodiscard]] caf::error
  give_up(batch_key batch, const std::string& reason) override {
    auto* run = find(batch);
    auto is_read_in_part = run != nullptr && run->paging.next_page > 0;
    auto by = is_read_in_part ? batch_change::set_aside : batch_change::give_up;
    return move(by, batch, [&](entry& given_up) { given_up.reason = reason; });
  }

  [[nodiscard]] caf::error
  set_aside(batch_key batch, const std::string& reason) override {
    return move(batch_change::set_aside, batch,
                [&](entry& run) { run.reason = reason; });
  }

  [[nodiscard]] caf::expected<std::vector<open_run>> open_runs() override {
    std::vector<open_run> result;
    for (auto& [key, run] : content_.batches) {
      auto has_ended = run.state == batch_state::ended;
      if (run.state == batch_state::running || has_ended)
        result.push_back({key, run_ref{run.run_id, run.saved},
                          run.submitted_at_ms,
                          static_cast<uint32_t>(run.batch.urls.size()),
                          has_ended ? run.end : std::nullopt});
    }
    return result;
  }

  [[nodiscard]] caf::expected<paging_start>
  start_paging(batch_key batch) override {
    auto* run = find(batch);
    if (run == nullptr || run->state != batch_state::ended)
      return wrong_state(batch, name_of(batch_state::ended));
    return paging_start{run->batch.urls, run->paging, run->seen};
  }

  // -- delivering -----------------------------------------------------------

  [[nodiscard]] caf::error commit(const checkpoint& point) override {
    if (lost_)
      return lost_;
    if (point.delivery < content_.delivery)
      return misused("a checkpoint goes back to delivery "
                     + std::to_string(point.delivery));
    for (auto& run : point.runs)
      if (auto err = check(run))
        return lose_group(err);
    content_.delivery = point.delivery;
    for (auto& [name, position] : point.sinks)
      content_.sinks[name] = position;
    for (auto& run : point.runs)
      record(run);
    return {};
  }

  [[nodiscard]] caf::expected<std::optional<sink_position>>
  position_of(const std::string& sink) override {
    auto found = content_.sinks.find(sink);
    return found == content_.sinks.end() ? std::optional<sink_position>{}
                                         : std::optional{found->second};
  }

  [[nodiscard]] caf::expected<uint64_t> last_delivery() override {
    return content_.delivery;
  }

private:
  /// What a group can undo.
  struct content {
    std::map<batch_key, entry> batches;
    std::map<std::string, sink_position> sinks;
    uint64_t delivery = 0;
  };

  /// Carries out `by`, then `apply`, if the batch's state allows it.
  template <class F>
  caf::error move(batch_change by, batch_key batch, F apply) {
    if (lost_)
      return lost_;
    auto* found = find(batch);
    if (found == nullptr || !may_change(found->state, by))
      return wrong_state(batch, origin_of(by));
    found->state = target_of(by);
    apply(*found);
    return {};
  }

  static std::string_view origin_of(batch_change by) {
    for (auto& row : batch_transitions)
      if (row.by == by)
        return name_of(row.from);
    return {};
  }

  caf::error wrong_state(batch_key batch, std::string_view expected) {
    auto* found = find(batch);
    auto is = found == nullptr ? "unknown" : name_of(found->state);
    return misused("batch " + std::to_string(batch) + " is " + std::string{is}
                   + " where it should be " + std::string{expected});
  }

  static caf::error misused(const std::string& what) {
    return make_error(ec::internal, what);
  }

  caf::error lose_group(const caf::error& reason) {
    if (before_) {
      content_ = *before_;
      lost_ = reason;
    }
    return reason;
  }

  caf::error
  accept(batch_key batch, const std::string& run_id, int64_t now_ms) {
    for (auto& [key, other] : content_.batches)
      if (key != batch && other.run_id == run_id
          && other.state != batch_state::split)
        return make_error(ec::bad_reply, "run " + run_id
                                           + " is the run of batch "
                                           + std::to_string(key) + " already");
    if (auto err = move(batch_change::accept, batch, [&](entry& run) {
          run.run_id = run_id;
          run.submitted_at_ms = now_ms;
        }))
      return err;
    auto rest = search_.accepted(batch);
    if (!rest || rest->urls < 2)
      return {};
    return test_part(batch_change::regroup, rest->key, {}, false);
  }

  [[nodiscard]] bool any_run() const {
    return std::any_of(
      content_.batches.begin(), content_.batches.end(),
      [](auto& found) { return !found.second.run_id.empty(); });
  }

  caf::error replan(batch_key batch) {
    auto err = move(batch_change::replan, batch, [](entry&) {});
    if (!err)
      submitted_before_.insert(batch);
    return err;
  }

  caf::error replan_all(batch_key batch) {
    if (auto err = move(batch_change::replan, batch, [](entry&) {}))
      return err;
    for (auto& [key, other] : content_.batches)
      if (may_change(other.state, batch_change::replan_all)) {
        other.state = target_of(batch_change::replan_all);
        other.reason.clear();
      }
    return {};
  }

  caf::error split(batch_key batch) {
    auto* whole = find(batch);
    if (whole == nullptr)
      return wrong_state(batch, origin_of(batch_change::split));
    auto halves =
      divide(batch_change::split, batch, 0, whole->batch.urls.size() / 2);
    if (!halves)
      return halves.error();
    search_.ended(batch);
    submitted_before_.insert({halves->first, halves->second});
    return {};
  }

  /// As the ledger does it, for batches of one round.
  caf::error test_part(batch_change by, batch_key batch,
                       std::string_view message, bool is_first) {
    auto* whole = find(batch);
    if (whole == nullptr || whole->batch.urls.size() < 2)
      return wrong_state(batch, "a batch of two URLs or more");
    auto robot = whole->batch.robot;
    auto urls = whole->batch.urls.size();
    auto at = search_.part_to_test(whole->batch.urls, message, is_first);
    auto parts = divide(by, batch, at.begin, at.end);
    if (!parts)
      return parts.error();
    submitted_before_.erase(batch);
    submitted_before_.insert({parts->first, parts->second});
    search_.divided(
      batch, parts->first,
      {parts->second, urls - at.size(), bad_url_search::kinship{robot, 0, 0}},
      at.is_named);
    return {};
  }

  bool share_left_over(bool all) {
    auto parts = search_.to_share(urls_per_batch_, all);
    search_.release(parts);
    if (parts.size() < 2)
      return !parts.empty();
    std::vector<std::string> urls;
    url_batch first;
    for (auto& part : parts) {
      auto& pooled = *find(part.key);
      pooled.state = target_of(batch_change::regroup);
      for (auto url : pooled.batch.urls)
        urls.emplace_back(url);
      first.robot = pooled.batch.robot;
      submitted_before_.erase(part.key);
    }
    submitted_before_.insert(add_part(first, urls));
    return true;
  }

  /// Two planned batches take its place, the first with the URLs at places
  /// [begin, end).
  caf::expected<std::pair<batch_key, batch_key>>
  divide(batch_change by, batch_key key, size_t begin, size_t end) {
    auto whole = find(key)->batch;
    auto count = end - begin;
    if (count == 0 || count >= whole.urls.size())
      return misused("a batch is to be divided after " + std::to_string(count)
                     + " URLs");
    if (auto err = move(by, key, [](entry&) {}))
      return err;
    std::vector<std::string> rest{whole.urls.begin(), whole.urls.end()};
    auto from = rest.begin() + static_cast<ptrdiff_t>(begin);
    auto to = rest.begin() + static_cast<ptrdiff_t>(end);
    std::vector<std::string> part{from, to};
    rest.erase(from, to);
    auto first = add_part(whole, part);
    return std::pair{first, add_part(whole, rest)};
  }

  batch_key
  add_part(const url_batch& whole, const std::vector<std::string>& urls) {
    auto key = content_.batches.rbegin()->first + 1;
    auto& part = put(key, urls).batch;
    part.robot = whole.robot;
    part.depth = whole.depth + 1;
    return key;
  }

  url_batch take_repeat() {
    auto key = to_repeat_.front();
    to_repeat_.pop_front();
    return find(key)->batch;
  }

  [[nodiscard]] bool is_free(const entry& found, bool submitted_only) const {
    auto key = found.batch.key;
    return found.state == batch_state::planned && handed_out_.count(key) == 0
           && !search_.keeps(key)
           && (!submitted_only || submitted_before_.count(key) > 0);
  }

  /// Not handed out. With `submitted_only`, without those that the search for
  /// bad URLs keeps.
  [[nodiscard]] uint64_t free_batches(bool submitted_only = false) const {
    auto counts = [&](auto& found) {
      auto is_kept = search_.keeps(found.first);
      return submitted_only
               ? is_free(found.second, true)
               : is_free(found.second, false)
                   || (is_kept && found.second.state == batch_state::planned);
    };
    return static_cast<uint64_t>(
      std::count_if(content_.batches.begin(), content_.batches.end(), counts));
  }

  /// The most often divided first, then by key.
  entry* first_free() {
    entry* result = nullptr;
    for (auto& [key, found] : content_.batches)
      if (is_free(found, limits_.urls_used_up())
          && (result == nullptr || found.batch.depth > result->batch.depth))
        result = &found;
    return result;
  }

  caf::expected<std::optional<url_batch>> within_limits(const entry& next) {
    auto key = next.batch.key;
    auto size = next.batch.urls.size();
    auto counts = submitted_before_.count(key) == 0;
    auto share = limits_.share_of(size, counts, {});
    limited_by_ = limits_.text(share.kept_by, {});
    if (share.urls == 0)
      return std::optional<url_batch>{};
    if (share.urls < size) {
      auto parts = divide(batch_change::cut, key, 0, share.urls);
      if (!parts)
        return parts.error();
      search_.ended(key);
      if (submitted_before_.erase(key) > 0)
        submitted_before_.insert({parts->first, parts->second});
      key = parts->first;
    }
    handed_out_.insert(key);
    if (counts)
      limits_.took(share.urls);
    auto batch = find(key)->batch;
    batch.ticket.reset(); // of an earlier submit, which created nothing
    return std::optional{std::move(batch)};
  }

  caf::error check(const run_progress& progress) {
    auto* run = find(progress.batch);
    auto expected = "ended, with a bit of coverage for each URL";
    if (run == nullptr || run->state != batch_state::ended)
      return wrong_state(progress.batch, expected);
    auto& covered = progress.state.covered;
    auto urls = run->batch.urls.size();
    size_t ones = 0;
    for (auto byte : covered)
      ones += static_cast<size_t>(std::popcount(byte));
    auto fits = covered.empty() || covered.size() == (urls + 7) / 8;
    return fits && ones <= urls ? caf::error{}
                                : wrong_state(progress.batch, expected);
  }

  void record(const run_progress& progress) {
    auto& run = *find(progress.batch);
    run.paging = progress.state;
    auto& added = progress.new_identities;
    if (progress.done) {
      run.state = target_of(batch_change::finish);
      run.end = progress.done;
      run.seen.clear();
      run.saved.clear();
      return;
    }
    run.seen.insert(run.seen.end(), added.begin(), added.end());
    if (!progress.set_aside)
      return;
    run.state = target_of(batch_change::stop_reading);
    run.reason = *progress.set_aside;
  }

  content content_;
  std::optional<content> before_; ///< the group that is open
  caf::error lost_;               ///< why the group is undone
  submit_limits limits_;
  std::string limited_by_;
  std::set<batch_key> handed_out_;
  std::set<batch_key> submitted_before_; ///< planned; do not count again
  std::deque<batch_key> to_repeat_;
  bad_url_search search_;
  size_t urls_per_batch_ = 1; ///< of what the search has left over
};

} // namespace sluice::test

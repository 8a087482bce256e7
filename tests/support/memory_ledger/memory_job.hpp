// What a memory_ledger keeps of a job. Several ledgers may share it: used in
// turn, they are starts of the job; used together, processes.

#pragma once

#include "core/ledger/job_binding.hpp"
#include "core/model/account.hpp"
#include "core/model/batch.hpp"
#include "core/model/batch_state.hpp"
#include "core/model/checkpoint.hpp"
#include "core/model/import_target.hpp"
#include "core/model/list_identity.hpp"
#include "core/model/listing.hpp"
#include "core/model/run.hpp"
#include "core/model/uncaptured.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sluice::test {

struct memory_batch {
  url_batch batch; ///< with the ticket of its last submit
  batch_state state = batch_state::planned;
  std::string worker{}; ///< that submitted it
  std::string run_id{};
  std::optional<std::string> reason{}; ///< why it is held, rejected, set aside
  int64_t submitted_at_ms = 0;
  std::optional<int64_t> aged_from_ms{}; ///< if not since its submit
  std::map<std::string, std::string> saved{};
  std::optional<run_result> end{};
  paging_state paging{};
  std::vector<capture_identity> seen{};
  bool is_resubmitted = false; ///< its URLs share no batch with others

  // URLs without a capture that are submitted again: the first `retried` are in
  // later batches, the next `to_retry` wait for one.
  uint32_t retries = 0; ///< how often its own URLs were retried before
  uint64_t round = 0;
  bool may_retry = false;
  size_t retried = 0;
  size_t to_retry = 0;
  size_t again = 0; ///< of both, by the user's decision
  uint64_t next_round = 0;
  uint32_t next_retries = 0; ///< 0: the user's decision

  [[nodiscard]] size_t urls() const { return batch.urls.size(); }

  [[nodiscard]] bool is_covered(size_t place) const {
    auto& bits = paging.covered;
    return place / 8 < bits.size() && (bits[place / 8] >> place % 8 & 1) != 0;
  }

  /// Its URLs with a capture, or those without one.
  [[nodiscard]] std::vector<std::string> urls_that(bool are_covered) const {
    std::vector<std::string> result;
    for (size_t i = 0; i < urls(); ++i)
      if (is_covered(i) == are_covered)
        result.emplace_back(batch.urls[i]);
    return result;
  }

  [[nodiscard]] size_t captured() const { return urls_that(true).size(); }

  /// URLs without a capture that count with this batch.
  [[nodiscard]] size_t left() const {
    return urls() - captured() - retried - to_retry;
  }

  /// Of these URLs.
  [[nodiscard]] url_state uncaptured() const {
    return uncaptured_in(state,
                         end ? std::optional{end->outcome} : std::nullopt);
  }

  /// Captures that its run reports but never listed; known when it is done.
  [[nodiscard]] uint64_t shortfall() const {
    auto is_done = state == batch_state::done;
    auto reported = is_done ? end->extracted.value_or(0) : 0;
    return reported - std::min(reported, paging.captures);
  }

  /// All remaining URLs now wait to be submitted again.
  void wait_for(uint64_t in_round, uint32_t after_retries) {
    to_retry += left();
    next_round = in_round;
    next_retries = after_retries;
  }
};

struct memory_round {
  int64_t begun_ms = 0;
  retry_counts taken;
};

struct memory_job {
  job_binding binding;
  bool imported = false;
  import_counts counts;
  std::vector<list_identity> lists;
  std::vector<invalid_record> invalid;
  std::map<batch_key, memory_batch> batches;
  std::set<batch_key> adopted; ///< that the running job does not know yet
  std::map<std::string, sink_position> sinks;
  uint64_t delivery = 0;
  request_counts requests;
  uint64_t dead_letters = 0;
  std::chrono::milliseconds elapsed{0};
  time_spent spent{};
  uint32_t retry_times = 0;
  std::vector<memory_round> rounds; ///< from the second one on
  uint64_t changes = 0;

  /// nullptr if there is no such batch.
  [[nodiscard]] memory_batch* find(batch_key key) {
    auto found = batches.find(key);
    return found == batches.end() ? nullptr : &found->second;
  }

  [[nodiscard]] batch_key next_key() const {
    return batches.empty() ? 1 : batches.rbegin()->first + 1;
  }
};

} // namespace sluice::test

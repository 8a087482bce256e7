// The account: the state of every input record, and what was bought.

#pragma once

#include "core/base/enum_words.hpp"
#include "core/model/batch.hpp"
#include "core/model/bottleneck.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Requests sent, by kind, and how many of all requests got a 429.
struct request_counts {
  uint64_t submits = 0;
  uint64_t polls = 0;
  uint64_t pages = 0;
  uint64_t rate_limited = 0;
};

/// Which URLs of a job the user submits again, by state.
struct retry_kinds {
  bool missing = false;
  bool failed = false;
  bool rejected = false;

  [[nodiscard]] bool any() const noexcept {
    return missing || failed || rejected;
  }
};

/// Numbers of URLs by state.
struct retry_counts {
  uint64_t missing = 0;
  uint64_t failed = 0;
  uint64_t rejected = 0;

  [[nodiscard]] uint64_t total() const noexcept {
    return missing + failed + rejected;
  }
};

/// A decision to submit URLs again.
struct begun_round {
  retry_counts taken;
  /// The missing URLs whose runs have unmatched captures: their pages may have
  /// been delivered under other URLs.
  uint64_t beside_unmatched = 0;
};

/// The result of one round of a job: the first one, or URLs that the user
/// submitted again. Each URL of the round is in exactly one state: the one in
/// which this round left it, even if a later round changed it.
struct round_report {
  uint64_t number = 0;     ///< 0: the first round
  int64_t begun_at_ms = 0; ///< wall clock; 0: unknown
  retry_counts taken;      ///< URLs that earlier rounds left
  uint64_t urls = 0;       ///< the sum of the next seven fields
  uint64_t captured = 0;
  uint64_t missing = 0;
  uint64_t failed = 0;
  uint64_t rejected = 0;
  uint64_t held = 0;
  uint64_t set_aside = 0;
  uint64_t pending = 0;
  uint64_t runs = 0;     ///< accepted by the API
  uint64_t captures = 0; ///< delivered and committed
};

/// Every input record is in exactly one state; `total` is their sum.
struct account {
  uint64_t invalid = 0;
  uint64_t duplicate = 0;
  uint64_t captured = 0;
  uint64_t held = 0;
  uint64_t set_aside = 0; ///< paid for, but their captures cannot be read
  uint64_t rejected = 0;
  uint64_t failed = 0;
  uint64_t missing = 0;
  uint64_t pending = 0;

  uint64_t runs = 0;      ///< accepted by the API
  uint64_t open_runs = 0; ///< of those, not finished
  uint64_t bought = 0;    ///< URLs of all runs known to have been created
  uint64_t held_batches = 0;
  uint64_t set_aside_runs = 0;
  uint64_t captures = 0;     ///< delivered and committed
  uint64_t unmatched = 0;    ///< of those, matching no URL of their run
  uint64_t repeated = 0;     ///< duplicates, dropped
  uint64_t shortfall = 0;    ///< captures reported by runs, never listed
  uint64_t dead_letters = 0; ///< captures that sinks set aside
  request_counts requests;
  std::chrono::milliseconds elapsed{0}; ///< of all processes of the job
  time_spent spent{}; ///< of that, by bottleneck, where recorded
  /// In order; empty unless the user has submitted URLs again.
  std::vector<round_report> rounds;

  [[nodiscard]] uint64_t total() const noexcept {
    return invalid + duplicate + captured + held + set_aside + rejected + failed
           + missing + pending;
  }
};

/// Batches in one state that are paid for or may be.
struct bought_batches {
  uint64_t batches = 0;
  uint64_t urls = 0;
  uint64_t captures = 0; ///< as reported by their runs; otherwise one per URL
  std::vector<std::string> names; ///< the first few: "run_5fa9", "batch 17"
};

/// What a job leaves behind if it is not continued.
struct bought_work {
  bought_batches open;      ///< the API is working on them
  bought_batches unread;    ///< finished, not all captures delivered
  bought_batches unsure;    ///< in flight: submitted, no reply recorded
  bought_batches held;      ///< the same, waiting for the user's decision
  bought_batches set_aside; ///< their captures cannot be read
};

/// The states in the account for which the ledger can list the URLs. Duplicates
/// have no state of their own: each has that of its first occurrence.
enum class url_state {
  captured,
  missing,
  failed,
  rejected,
  held,
  set_aside,
  pending,
  invalid,
};

/// Their names, as `status --list` takes and prints them.
inline constexpr enum_words<url_state, 8> url_state_words{
  {{"captured", url_state::captured},
   {"missing", url_state::missing},
   {"failed", url_state::failed},
   {"rejected", url_state::rejected},
   {"held", url_state::held},
   {"set_aside", url_state::set_aside},
   {"pending", url_state::pending},
   {"invalid", url_state::invalid}}};

/// A URL in a listing, or an invalid record. The views are valid only during
/// the visit.
struct listed_url {
  std::string_view url;
  /// Why it is in its state, if the state alone does not say. Printable.
  std::string_view reason;
  std::string_view run_id;     ///< of its current or last run
  int64_t submitted_at_ms = 0; ///< of that run, wall clock; 0: no run
};

/// A batch that has a URL, or had it when its run was abandoned.
struct url_place {
  batch_key batch = 0;
  std::string robot;
  std::string run_id;          ///< empty: no known run
  int64_t submitted_at_ms = 0; ///< wall clock; 0: not submitted
  uint64_t urls = 0;           ///< in the batch
  uint64_t captures = 0;       ///< delivered by its run, for all its URLs
  /// Unset: the URL was submitted again; a later place says what became of it.
  std::optional<url_state> state;
  bool given_up = false; ///< the run was abandoned; unset: its batch was held,
                         ///< then submitted again
  std::string reason;    ///< like listed_url::reason
};

} // namespace sluice

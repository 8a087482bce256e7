// The account: what became of every input record, and what was bought.

#pragma once

#include "core/model/batch.hpp"
#include "core/model/bottleneck.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Requests sent, by kind, and the refusals among all.
struct request_counts {
  uint64_t submits = 0;
  uint64_t polls = 0;
  uint64_t pages = 0;
  uint64_t rate_limited = 0;
};

/// Which URLs of a job the user submits again, by their states.
struct retry_kinds {
  bool missing = false;
  bool failed = false;
  bool rejected = false;

  [[nodiscard]] bool any() const noexcept {
    return missing || failed || rejected;
  }
};

/// URLs of each kind.
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
  /// Of the missing ones, those of runs with captures of other URLs: their
  /// pages may be delivered, under other addresses.
  uint64_t beside_extras = 0;
};

/// What one round of a job brought: the first one, or URLs that the user
/// submitted again. Each of its URLs is in one state: that in which this round
/// left it, whatever a later round made of it.
struct round_report {
  uint64_t number = 0;     ///< 0: the first one
  int64_t begun_at_ms = 0; ///< wall clock; 0: not known
  retry_counts taken;      ///< of what the rounds before left
  uint64_t urls = 0;       ///< the sum of the next seven
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

/// Every input record in exactly one state; `total` is their sum.
struct account {
  uint64_t invalid = 0;
  uint64_t duplicate = 0;
  uint64_t captured = 0;
  uint64_t held = 0;
  uint64_t set_aside = 0; ///< paid for; their captures cannot be read
  uint64_t rejected = 0;
  uint64_t failed = 0;
  uint64_t missing = 0;
  uint64_t pending = 0;

  uint64_t runs = 0;      ///< accepted by the API
  uint64_t open_runs = 0; ///< of those, not done
  uint64_t bought = 0;    ///< URLs of those runs, known to have been created
  uint64_t held_batches = 0;
  uint64_t set_aside_runs = 0;
  uint64_t captures = 0;     ///< delivered and committed
  uint64_t extras = 0;       ///< of those, for no URL of their run
  uint64_t repeated = 0;     ///< dropped
  uint64_t shortfall = 0;    ///< captures reported by runs, never listed
  uint64_t dead_letters = 0; ///< captures that sinks put aside
  request_counts requests;
  std::chrono::milliseconds elapsed{0}; ///< of all processes that ran the job
  time_spent spent{}; ///< of that, by bottleneck, where it is known
  /// In order; empty as long as the user has submitted nothing again.
  std::vector<round_report> rounds;

  [[nodiscard]] uint64_t total() const noexcept {
    return invalid + duplicate + captured + held + set_aside + rejected + failed
           + missing + pending;
  }
};

/// Batches in one state that are paid for, or may be.
struct bought_batches {
  uint64_t batches = 0;
  uint64_t urls = 0;
  uint64_t captures = 0; ///< as their runs report them; else one for each URL
  std::vector<std::string> names; ///< the first few: "run_5fa9", "batch 17"
};

/// What a job leaves behind that is not continued.
struct bought_work {
  bought_batches open;      ///< the API works on them
  bought_batches unread;    ///< ended, their captures not all delivered
  bought_batches unsure;    ///< in flight: submitted, without a reply
  bought_batches held;      ///< the same, for the user to decide
  bought_batches set_aside; ///< their captures cannot be read
};

/// The states of the account whose URLs the ledger keeps. Duplicates are not
/// among them: each is listed under the state of its first occurrence.
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

/// A URL in a list, or an invalid record. The views end with the visit.
struct listed_url {
  std::string_view url;
  /// Why it is in its state, where that does not say it: printable.
  std::string_view reason;
  std::string_view run_id;     ///< of the run that has it now, or had it last
  int64_t submitted_at_ms = 0; ///< of that run, wall clock; 0: none
};

/// A batch that has a URL, or had it when its run was given up.
struct url_place {
  batch_key batch = 0;
  std::string robot;
  std::string run_id;          ///< empty: no run is known
  int64_t submitted_at_ms = 0; ///< wall clock; 0: not submitted
  uint64_t urls = 0;           ///< of the batch
  uint64_t captures = 0;       ///< that its run delivered, of all its URLs
  /// Unset: submitted again, and a later place tells what became of it.
  std::optional<url_state> state;
  bool given_up = false; ///< unset: its batch was held, and submitted again
  std::string reason;    ///< as of a listed URL
};

} // namespace sluice

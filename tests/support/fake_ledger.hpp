// The ledger in memory: hands out planned batches, writes every transaction to
// a journal, and fails or stays silent when told to.

#pragma once

#include "actors/protocol.hpp"
#include "core/model/batch.hpp"
#include "core/model/batch_state.hpp"
#include "core/model/checkpoint.hpp"
#include "core/model/listing.hpp"
#include "core/model/run.hpp"
#include "tests/support/held_replies.hpp"
#include "tests/support/journal.hpp"
#include "tests/support/memory_ledger/memory_ledger.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace sluice::test {

struct fake_ledger {
  memory_ledger content;
  size_t allowed = SIZE_MAX; ///< this many batches are handed out
  std::string limit;         ///< why no more are
  /// Where to continue paging the runs that an earlier process began.
  std::map<batch_key, paging_start> starts;
  std::vector<checkpoint> checkpoints;
  std::vector<record_end> ended;
  std::vector<run_given_up> given_up;
  std::vector<submit_intent> intents;
  std::vector<submit_outcome> outcomes;
  sluice::held_submits held_submits;
  std::set<std::string> known_runs;
  std::set<std::string> lost_runs; ///< found but no longer adoptable
  std::vector<run_found> found;
  std::map<batch_key, std::string> kept; ///< bodies of unreadable replies
  std::vector<batch_key> read_again;
  std::vector<run_set_aside> set_aside;
  journal_ptr log = std::make_shared<journal>();

  /// Transactions to fail, by the first word of their journal entry.
  std::map<std::string, caf::error> failing;
  /// While true, answers are held back until `answer`.
  bool silent = false;
  held_replies held;

  void plan(batch_key key, const std::vector<std::string>& urls);

  /// Plans batches 1 to `count` of one URL each, "u1" to "u<count>".
  void plan_singles(batch_key count);

  /// Makes batch `key` a terminal run of these URLs, whatever it was before.
  void end(batch_key key, const std::vector<std::string>& urls);

  /// An earlier start left planned batches in flight, with these tickets.
  void interrupt(const std::map<batch_key, submit_ticket>& tickets);

  /// Answers the `count` oldest of the requests held back.
  void answer(size_t count = SIZE_MAX) { held.answer(count); }

  caf::expected<batch_offer> next();

  caf::error begin(const submit_intent& intent);

  caf::error settle(const submit_outcome& outcome);

  /// A test of the poller alone plans no batches, so an unknown run is running.
  void meet_run(batch_key key);

  batch_decisions adopt(const run_found& run);
};

using fake_ledger_ptr = std::shared_ptr<fake_ledger>;

holding<ledger_keeper_actor>::behavior_type
fake_keeper(holding<ledger_keeper_actor>::pointer self, fake_ledger_ptr store);

/// The URL reader that the submitter uses to reach it.
url_reader_actor::behavior_type
fake_reader(url_reader_actor::pointer self, ledger_keeper_actor keeper);

} // namespace sluice::test

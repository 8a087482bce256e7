// A ledger in the middle of a job with a batch in each state, and the proof
// that the job can continue from there to its end.

#pragma once

#include "core/model/batch.hpp"
#include "core/model/listing.hpp"
#include "core/model/run.hpp"
#include "tests/core/ledger/ledger_fixture.hpp"

namespace sluice::test {

class middle_of_job : public ledger_fixture {
public:
  /// Makes the ledger from scratch.
  void make();

  /// Every query reports the job as `make` left it.
  void check_account();
  void check_open_runs();
  void check_positions();

  /// Opens the ledger as the next process does and brings every batch to its
  /// end.
  void continue_to_end();

private:
  void import();
  void submit_all();
  void finish_some();
  void read_one_halfway();
  void work_off();
  void finish_all_open();
  void decide_about_held();
  void deliver(batch_key key, size_t captures, const coverage_bits& covered,
               const std::optional<run_result>& done);
  uint64_t delivery_ = 0;
};

} // namespace sluice::test

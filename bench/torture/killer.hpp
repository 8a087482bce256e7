// Kills at random moments. The job is started, left alone for a while, ended by
// a signal, and started again.

#pragma once

#include "bench/torture/finish.hpp"
#include "bench/torture/job.hpp"
#include "bench/torture/report.hpp"
#include "bench/torture/settings.hpp"

namespace sluice::torture {

class killer {
public:
  /// All must outlive the killer.
  killer(const settings& wanted, job& subject, report& out)
      : settings_{wanted}, job_{subject}, out_{out}, dice_{wanted.seed} {}

  /// False, with a failed check, if the program did not end as it should.
  [[nodiscard]] bool torment();

private:
  using clock = std::chrono::steady_clock;

  void one_life();
  [[nodiscard]] bool is_ahead() const;
  [[nodiscard]] int next_signal();
  void look_at_status();
  void stay(test::program& running, clock::time_point until) const;
  void judge(const test::program_result& result, int signal);

  const settings& settings_;
  job& job_;
  report& out_;
  dice dice_;
  unsigned delivered_ = 0; ///< signals
  unsigned starts_ = 0;
  unsigned readings_ = 0; ///< of status while the job runs
  uint64_t adopted_ = 0;  ///< while the job runs
  std::chrono::duration<double> longest_stop_{0};
  bool finished_ = false;
  bool failed_ = false;
};

} // namespace sluice::torture

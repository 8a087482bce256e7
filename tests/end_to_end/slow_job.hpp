// A job that lasts long enough to be disturbed midway, and the proof
// that nothing was lost.

#pragma once

#include "tests/end_to_end/account_check.hpp"
#include "tests/support/job_fixture.hpp"

#include <memory>
#include <string>

namespace sluice::test {

class slow_job : public job_fixture {
public:
  static constexpr size_t all_urls = 400;

  /// Writes the config and the list.
  slow_job() : slow_job{slower()} {}
  explicit slow_job(simulator_options options);

  /// A job that lasts about two minutes divided by `speed`.
  static simulator_options slower(double speed = 60);

  /// Bytes in captures.jsonl.
  [[nodiscard]] uint64_t written() const;

  /// Waits until some captures are in the file. Fails the test if the program
  /// ends earlier.
  void wait_for_captures(program& running) const;

  /// Makes the API stop answering, starts the job, and returns it once the API
  /// has received a submit.
  [[nodiscard]] std::unique_ptr<program> submitting() const;

  /// Starts the job and stops it midway, gracefully, with nothing left in
  /// flight.
  void stop_midway() const;

  /// The job completes with every capture once.
  void check_completes() const;

  /// The job ends with this exit code before it sends anything, and its last
  /// message contains `text`.
  void check_refused(int exit_code, const std::string& text) const;
  /// The same while another process of the job continues sending.
  void check_says(int exit_code, const std::string& text) const;
};

} // namespace sluice::test

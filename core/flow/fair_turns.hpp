// Divides the tokens of a shared bucket among the jobs that wait for them,
// equally by job and not by request: start-time fair queueing (Goyal, Vin and
// Cheng, 1996) with a cost of one for each token. A token that no other job
// waits for goes to whoever asks. Jobs with different rates see the bucket
// differently, so they do not take turns with each other. Pure: the time is an
// argument.

#pragma once

#include "core/base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// A job that takes tokens from a shared bucket.
struct sharing_job {
  std::string name; ///< for people: its config file
  uint64_t id = 0;
  double per_second = 0; ///< the bucket's refill rate, as the job sets it

  friend bool operator==(const sharing_job&, const sharing_job&) = default;
};

/// A job named after its config file, or after the end of a long path. The same
/// ledger always gives the same id.
[[nodiscard]] sharing_job sharing_job_of(std::string_view config_file,
                                         std::string_view ledger,
                                         double per_second);

/// Where a job stands among the others.
struct job_turn {
  sharing_job job;
  double due = 0; ///< in tokens; the lowest is served first
  time_point heard_at{};
  time_point waits_until{}; ///< until then, a token is kept for it

  friend bool operator==(const job_turn&, const job_turn&) = default;
};

/// Maximum bytes of a name; a longer name keeps only its end.
inline constexpr size_t most_job_name = 120;

class fair_turns {
public:
  /// If there are more jobs, some of them share a turn.
  static constexpr size_t most_jobs = 128;
  /// The most tokens a job can be ahead after taking fewer than its share.
  static constexpr double most_credit = 10;
  /// How late a job may be for the token it waits for. Meanwhile the token
  /// stays in the bucket, so this costs nothing unless the bucket is full. If
  /// several jobs are killed at once, it stays there twice as long.
  static constexpr duration grace = std::chrono::milliseconds{250};
  /// A job counts as ended if it is not waiting and last asked this long ago.
  static constexpr duration memory = std::chrono::minutes{2};
  /// No job waits longer without asking again.
  static constexpr duration longest_wait = std::chrono::hours{1};

  /// `job` asks at `now`. Returns the times at which the jobs ahead of it will
  /// ask, in order.
  [[nodiscard]] std::vector<time_point>
  ask(const sharing_job& job, time_point now);

  /// `job` got a token. REQUIRES: it has asked.
  void took(const sharing_job& job);

  /// `job` returned a token.
  void gave_back(const sharing_job& job);

  /// `job` waits. Returns when it must ask again: at `next`, or earlier if one
  /// of the jobs ahead may lose its turn by then. REQUIRES: it has asked.
  [[nodiscard]] time_point
  wait(const sharing_job& job, time_point now, time_point next);

  /// How many jobs wait at `now`.
  [[nodiscard]] size_t waiting(time_point now) const noexcept;

  /// The jobs that have not ended, in the order of their names.
  [[nodiscard]] std::vector<sharing_job> heard(time_point now) const;

  [[nodiscard]] const std::vector<job_turn>& jobs() const noexcept {
    return jobs_;
  }

  /// The turn of the job that was served last.
  [[nodiscard]] double turn() const noexcept { return turn_; }

  /// Continues from what `jobs` and `turn` returned; starts empty if those
  /// values are impossible.
  static fair_turns restore(std::vector<job_turn> jobs, double turn);

  friend bool operator==(const fair_turns&, const fair_turns&) = default;

private:
  [[nodiscard]] job_turn* find(const sharing_job& job) noexcept;
  /// The turn of a job that has asked.
  [[nodiscard]] job_turn& entry_of(const sharing_job& job) noexcept;
  void add(const sharing_job& job, time_point now);
  /// True if `at` waits for a token that `own` must not take.
  [[nodiscard]] static bool
  is_ahead(const job_turn& at, const job_turn& own, time_point now) noexcept;

  std::vector<job_turn> jobs_;
  double turn_ = 0;
};

} // namespace sluice

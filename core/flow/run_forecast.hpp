// When a run will end, as a list of ends that are equally likely: from how
// long the job's earlier runs took, and, where the run tells its progress, from
// how far it is and how well such predictions came true before.
//
// Pure: the time comes in as an argument.

#pragma once

#include "core/base/time.hpp"
#include "core/model/run.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace sluice {

/// The last 64 of some numbers.
class recent_numbers {
public:
  void add(double value);
  [[nodiscard]] const std::vector<double>& values() const noexcept {
    return values_;
  }

private:
  std::vector<double> values_;
  size_t next_ = 0;
};

/// What a prediction from counters rests on.
enum class forecast_basis : uint8_t {
  age,  ///< one look at the counters, and when the run began
  rate, ///< two looks
};

/// What a job has learnt from its runs that have ended.
class run_history {
public:
  /// Fewer lengths than this tell nothing: the first runs to end are short
  /// ones.
  static constexpr size_t enough = 8;

  void add_length(duration length, uint32_t urls);
  /// A prediction came true after `ratio` times the time that it gave.
  void add_ratio(forecast_basis basis, double ratio);

  /// How long a run of so many URLs may take; empty while nothing is known.
  [[nodiscard]] std::vector<duration> lengths(uint32_t urls) const;
  /// By what predictions are to be multiplied.
  [[nodiscard]] const std::vector<double>& ratios(forecast_basis basis) const;
  /// True once `lengths` tells something.
  [[nodiscard]] bool has_lengths() const noexcept {
    return seconds_per_url_.values().size() >= enough;
  }
  /// True once a run has told its progress.
  [[nodiscard]] bool has_counters() const noexcept { return has_counters_; }
  void saw_counters() noexcept { has_counters_ = true; }

  /// A number from 0 to 1: the next of a sequence that fills it evenly.
  [[nodiscard]] double next_share() noexcept;

private:
  recent_numbers seconds_per_url_;
  std::array<recent_numbers, 2> ratios_;
  bool has_counters_ = false;
  double share_ = 0;
};

/// One run.
class run_forecast {
public:
  /// `urls` are the run's. `history` is shared by all runs of the job.
  /// `knows_start`: false when the run began at some time before `started`.
  run_forecast(std::shared_ptr<run_history> history, uint32_t urls,
               time_point started, bool knows_start = true);

  /// It began at `when`: what was thought of it before counts no more.
  void start(time_point when);
  /// It was active at `now`, and told this.
  void on_active(time_point now, const run_status& status);
  /// It had ended by `now`. Returns when that probably was, and teaches the
  /// history.
  [[nodiscard]] time_point on_ended(time_point now);
  /// The history may have grown.
  void refresh();

  /// When it will have ended with this chance; nullopt when nothing is known,
  /// or when it has outlived all that is.
  [[nodiscard]] std::optional<time_point> when(double chance) const;
  /// The chance that it has ended by `now`; 0 when nothing is known.
  [[nodiscard]] double chance(time_point now) const;
  /// True when its own counters tell its end.
  [[nodiscard]] bool has_counters() const noexcept { return !own_.empty(); }
  /// True when it takes longer than every run before it.
  [[nodiscard]] bool is_overdue() const noexcept { return overdue_; }
  /// At least.
  [[nodiscard]] duration age(time_point now) const noexcept {
    return now - started_;
  }

private:
  struct progress {
    time_point at;
    double extracted;
    double queue;
  };
  struct prediction {
    time_point at;
    duration left;
    forecast_basis basis;
  };

  void observe(const progress& now);
  [[nodiscard]] std::optional<prediction> predict(const progress& now) const;
  void trust(const prediction& made);
  [[nodiscard]] time_point likely_end(time_point now) const;

  std::shared_ptr<run_history> history_;
  uint32_t urls_;
  time_point started_;
  bool knows_start_; ///< false: its length tells nothing, nor does its age
  time_point seen_;  ///< active then
  /// The last one before it began to work, or the first and the last after.
  std::vector<progress> looks_;
  std::vector<prediction> predictions_;
  std::vector<time_point> own_;  ///< likely ends by its counters, ordered
  std::vector<time_point> ends_; ///< those after `seen_` that count now
  bool overdue_ = false;
};

} // namespace sluice

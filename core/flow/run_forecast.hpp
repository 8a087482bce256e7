// Predicts when a run will end, as a list of equally likely ends. It uses the
// durations of the job's earlier runs and, if the run reports its progress, how
// far it is and how accurate such predictions were.
//
// Pure: the time is an argument.

#pragma once

#include "core/base/time.hpp"
#include "core/model/run.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace sluice {

/// The last 64 numbers added.
class recent_numbers {
public:
  void add(double value);
  /// In ascending order.
  [[nodiscard]] const std::vector<double>& values() const noexcept {
    return ordered_;
  }

private:
  std::vector<double> added_; ///< a ring
  std::vector<double> ordered_;
  size_t next_ = 0;
};

/// What a prediction from counters is based on.
enum class forecast_basis : uint8_t {
  age,  ///< one reading of the counters, and the start of the run
  rate, ///< two readings
};

/// What a job has learnt from the runs that have ended.
class run_history {
public:
  /// Fewer lengths than this are not used: the first runs to end are short
  /// ones.
  static constexpr size_t enough = 8;

  void add_length(duration length, uint32_t urls);
  /// A prediction came true after `ratio` times the predicted time.
  void add_ratio(forecast_basis basis, double ratio);

  /// The number of likely durations of a run; 0 if they are unknown.
  [[nodiscard]] size_t lengths() const noexcept;
  /// How many of them are at most `age` for a run of `urls` URLs.
  [[nodiscard]] size_t
  lengths_within(duration age, uint32_t urls) const noexcept;
  /// The `index`-th, shortest first. REQUIRES: index < lengths().
  [[nodiscard]] duration length(size_t index, uint32_t urls) const noexcept;
  /// The factors to multiply predictions by.
  [[nodiscard]] const std::vector<double>& ratios(forecast_basis basis) const;
  /// True once `lengths` is not 0.
  [[nodiscard]] bool has_lengths() const noexcept { return lengths() > 0; }
  /// True once a run has reported its progress.
  [[nodiscard]] bool has_counters() const noexcept { return has_counters_; }
  void saw_counters() noexcept { has_counters_ = true; }

  /// The next number of a sequence that fills the range 0 to 1 evenly.
  [[nodiscard]] double next_share() noexcept;

private:
  recent_numbers seconds_per_url_;
  std::array<recent_numbers, 2> ratios_;
  bool has_counters_ = false;
  double share_ = 0;
};

/// The forecast for one run.
class run_forecast {
public:
  /// `urls` is the run's number of URLs. `history` is shared by all runs of the
  /// job. `knows_start`: false if the run began at an unknown time before
  /// `started`.
  run_forecast(std::shared_ptr<run_history> history, uint32_t urls,
               time_point started, bool knows_start = true);

  /// The run began at `when`: discards all earlier estimates.
  void start(time_point when);
  /// The run was active at `now`, with this status.
  void on_active(time_point now, const run_status& status);
  /// The run had ended by `now`. Returns the probable end, and adds the run to
  /// the history.
  [[nodiscard]] time_point on_ended(time_point now);
  /// Call when the history may have grown. Cheap: every open run needs it
  /// whenever a run ends.
  void refresh();

  /// When the run will have ended with this chance; nullopt if nothing is
  /// known, or if it has outlived all known durations.
  [[nodiscard]] std::optional<time_point> when(double chance) const;
  /// The chance that the run has ended by `now`; 0 if nothing is known.
  [[nodiscard]] double chance(time_point now) const;
  /// True if the run's own counters predict its end.
  [[nodiscard]] bool has_counters() const noexcept { return !own_.empty(); }
  /// True if the run takes longer than every earlier run.
  [[nodiscard]] bool is_overdue() const noexcept {
    return lengths_past_ > 0 && own_ends() == 0 && length_ends() == 0;
  }
  /// A lower bound of the run's age.
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
  void on_seen(time_point when);
  /// How many of the ends that the run's own counters predict are after
  /// `seen_`.
  [[nodiscard]] size_t own_ends() const noexcept;
  /// The same for the ends that the lengths of earlier runs predict.
  [[nodiscard]] size_t length_ends() const noexcept;
  [[nodiscard]] time_point length_end(double share) const noexcept;

  std::shared_ptr<run_history> history_;
  uint32_t urls_;
  time_point started_;
  bool knows_start_; ///< false: neither its length nor its age is known
  time_point seen_;  ///< last seen active
  /// The last reading before the run began to work, or the first and last
  /// after.
  std::vector<progress> looks_;
  std::vector<prediction> predictions_;
  std::vector<time_point> own_; ///< likely ends by its own counters, ordered
  size_t own_past_ = 0;         ///< those that it has outlived
  size_t lengths_past_ = 0;     ///< the lengths that it has outlived
};

} // namespace sluice

// The settings of a torture test and its random numbers.

#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace sluice::torture {

enum class signal_choice { kill, term, mix };

struct settings {
  unsigned kills = 200;
  unsigned urls = 0; ///< 0 for as many as the kills need
  signal_choice with = signal_choice::kill;
  bool restart_simulator = false; ///< also at random moments
  bool crash_points = false;      ///< instead of kills at random moments
  std::vector<unsigned> passes{1, 2, 5, 17}; ///< at every crash point
  bool disk_full = false;                    ///< instead of kills
  uint64_t seed = 0;
  std::string program = SLUICE_PROGRAM;
  bool idempotent = false; ///< submits have keys that the API supports
  bool download = false;   ///< captures.fetch: download
  bool keep = false;       ///< keeps the job's folder
};

/// Not thread-safe.
class dice {
public:
  explicit dice(uint64_t seed) : engine_{seed} {}

  /// True with `probability`.
  bool hits(double probability) { return share() < probability; }

  /// Each order of magnitude between the two is equally likely.
  std::chrono::duration<double>
  log_uniform(std::chrono::duration<double> least,
              std::chrono::duration<double> most) {
    return least * std::pow(most / least, share());
  }

private:
  double share() { return std::uniform_real_distribution<>{}(engine_); }

  std::mt19937_64 engine_;
};

} // namespace sluice::torture

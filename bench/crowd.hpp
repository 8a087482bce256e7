// Clients of a status page, many and bad: some watch its events, some drip a
// request's head that never ends, and one asks for /healthz all the time.

#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <thread>

namespace sluice::bench {

inline constexpr int crowd_streams = 64;
inline constexpr int crowd_drips = 200;

/// What the crowd saw; shared with its process.
struct crowd_view {
  std::atomic<int> streams{0};      ///< open, the most at a time
  std::atomic<uint64_t> bytes{0};   ///< of events
  std::atomic<uint64_t> dripped{0}; ///< bytes that were sent
  std::atomic<uint64_t> cut{0};     ///< connections that the server ended
};

/// The streams and the drips, in a process of its own.
class crowd_process {
public:
  /// REQUIRES: `port` of this machine is served before long.
  explicit crowd_process(uint16_t port);
  ~crowd_process();
  crowd_process(const crowd_process&) = delete;
  crowd_process& operator=(const crowd_process&) = delete;

  [[nodiscard]] const crowd_view& seen() const { return *seen_; }

private:
  crowd_view* seen_;
  pid_t pid_ = -1;
};

/// Asks for /healthz until it ends, one connection after the other.
class health_probe {
public:
  explicit health_probe(uint16_t port);
  ~health_probe();
  health_probe(const health_probe&) = delete;
  health_probe& operator=(const health_probe&) = delete;

  // Once it has ended.
  void end();
  [[nodiscard]] double slowest_ms() const { return slowest_ms_; }
  [[nodiscard]] int answers() const { return answers_; }
  /// Between the first answer and the last.
  [[nodiscard]] int failures() const { return failures_; }

private:
  void run();

  uint16_t port_;
  std::atomic<bool> is_ending_{false};
  double slowest_ms_ = 0;
  int answers_ = 0;
  int failures_ = 0;
  std::thread thread_;
};

} // namespace sluice::bench

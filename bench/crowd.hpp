// Many misbehaving clients of a status page. Some watch its events, some
// dribble the head of an endless request, and one requests /healthz repeatedly.

#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <thread>

namespace sluice::bench {

inline constexpr int crowd_streams = 64;
inline constexpr int crowd_drips = 200;

/// What the crowd saw. Shared with its process.
struct crowd_view {
  std::atomic<int> streams{0};      ///< the most open at a time
  std::atomic<uint64_t> bytes{0};   ///< received in events
  std::atomic<uint64_t> dripped{0}; ///< bytes sent
  std::atomic<uint64_t> cut{0};     ///< connections that the server closed
};

/// The streams and the dribbling clients, in a separate process.
class crowd_process {
public:
  /// REQUIRES: `port` of this machine will be served soon.
  explicit crowd_process(uint16_t port);
  ~crowd_process();
  crowd_process(const crowd_process&) = delete;
  crowd_process& operator=(const crowd_process&) = delete;

  [[nodiscard]] const crowd_view& seen() const { return *seen_; }

private:
  crowd_view* seen_;
  pid_t pid_ = -1;
};

/// Requests /healthz until it ends, one connection after the other.
class health_probe {
public:
  explicit health_probe(uint16_t port);
  ~health_probe();
  health_probe(const health_probe&) = delete;
  health_probe& operator=(const health_probe&) = delete;

  // After the end.
  void end();
  [[nodiscard]] double slowest_ms() const { return slowest_ms_; }
  [[nodiscard]] int answers() const { return answers_; }
  /// Between the first and the last answer.
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

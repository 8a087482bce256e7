// Restarts the API at random moments in a separate thread.

#pragma once

#include "bench/torture/settings.hpp"
#include "simulator/simulator.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace sluice::torture {

class restarter {
public:
  restarter(simulator& api, uint64_t seed)
      : api_{api}, dice_{seed}, thread_{[this](std::stop_token stop) {
          work(std::move(stop));
        }} {}

  /// Stops restarting. Returns the number of restarts of the API, or nothing if
  /// it did not come back.
  [[nodiscard]] std::optional<uint64_t> stop() {
    thread_.request_stop();
    thread_.join();
    return failed_ ? std::nullopt : std::optional{restarts_};
  }

private:
  void work(std::stop_token stop) {
    using namespace std::chrono_literals;
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock guard{mutex};
    for (;;) {
      wake.wait_for(guard, stop, dice_.log_uniform(100ms, 3s),
                    [] { return false; });
      if (stop.stop_requested() || failed_)
        return;
      failed_ = static_cast<bool>(api_.restart());
      ++restarts_;
    }
  }

  simulator& api_;
  dice dice_;
  uint64_t restarts_ = 0;
  bool failed_ = false;
  std::jthread thread_; ///< last because it uses the others
};

} // namespace sluice::torture

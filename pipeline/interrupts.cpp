#include "pipeline/interrupts.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>

namespace sluice {

namespace {

/// Exit code of an interrupted, resumable job.
constexpr int exit_stopped = 4;

std::atomic<int> signals_seen{0};
static_assert(std::atomic<int>::is_always_lock_free);

void on_signal(int) {
  if (signals_seen.fetch_add(1) > 0)
    ::_exit(exit_stopped);
}

} // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
  // A file beyond `ulimit -f` is an error of its write like any other.
  ::sigaction(SIGXFSZ, &action, nullptr);
}

bool interrupted() noexcept {
  return signals_seen.load() > 0;
}

} // namespace sluice

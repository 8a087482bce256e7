#include "pipeline/interrupts.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>

namespace sluice {

namespace {

/// Exit code of an interrupted, resumable job.
constexpr int exit_stopped = 4;

/// A signal this soon after the first one counts as the same request.
constexpr std::chrono::milliseconds one_request{500};

/// When the first signal arrived, according to `now_ms`; 0 if none has.
std::atomic<std::int64_t> first_signal{0};
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

/// Monotonic, and safe to call in a signal handler.
std::int64_t now_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000 + 1;
}

void on_signal(int number) {
  auto now = now_ms();
  std::int64_t first = 0;
  if (!first_signal.compare_exchange_strong(first, now)
      && ends_at_once(number, std::chrono::milliseconds{now - first}))
    ::_exit(exit_stopped);
}

/// `nohup` and `disown -h` start a program with SIGHUP ignored so that it
/// outlives its terminal.
bool is_ignored(int number) {
  struct sigaction present {};
  return ::sigaction(number, nullptr, &present) == 0
         && present.sa_handler == SIG_IGN;
}

} // namespace

bool ends_at_once(int number, std::chrono::milliseconds after_first) noexcept {
  return after_first > one_request && number != SIGHUP;
}

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  if (!is_ignored(SIGHUP))
    ::sigaction(SIGHUP, &action, nullptr);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
  // Exceeding `ulimit -f` becomes a write error like any other.
  ::sigaction(SIGXFSZ, &action, nullptr);
}

bool interrupted() noexcept {
  return first_signal.load() != 0;
}

} // namespace sluice

#include "bench/torture/killer.hpp"

#include "bench/torture/account_view.hpp"
#include "bench/torture/exit_code.hpp"
#include "bench/torture/restarter.hpp"
#include "tests/support/job_fixture.hpp"

#include <optional>
#include <thread>

namespace sluice::torture {

namespace {

using namespace std::chrono_literals;

constexpr auto shortest_life = 3ms;
constexpr auto longest_life = 1s;
/// While the job is ahead of the kills, so that it does not end first.
constexpr auto longest_hurried_life = 150ms;

/// An orderly stop waits for replies, at most for the request timeout (5 s
/// here). The rest allows for a loaded machine.
constexpr std::chrono::duration<double> longest_orderly_stop = 30s;

/// Users who interrupt twice. The second signal ends the program at once if it
/// still runs. A signal within half a second counts as the first one.
constexpr double impatient_share = 0.2;
constexpr auto shortest_patience = 5ms;
constexpr auto longest_patience = 2s;

constexpr double status_share = 0.1;
constexpr double adopt_share = 0.05;

} // namespace

bool killer::torment() {
  std::optional<restarter> restarts;
  if (settings_.restart_simulator)
    restarts.emplace(job_.api(), settings_.seed);
  while (delivered_ < settings_.kills && !finished_ && !failed_)
    one_life();
  if (restarts) {
    auto count = restarts->stop();
    out_.check("restarts of the API", count ? std::to_string(*count) : "lost",
               count.has_value());
  }
  out_.check("signals delivered before the job ended", delivered_,
             settings_.kills);
  out_.figure("starts of the program", starts_);
  out_.figure("readings of status while the job ran", readings_);
  out_.figure("held batches adopted while the job ran", adopted_);
  if (settings_.with != signal_choice::kill)
    out_.check("longest orderly stop, s",
               std::to_string(longest_stop_.count()).substr(0, 5),
               longest_stop_ < longest_orderly_stop);
  return !failed_;
}

void killer::one_life() {
  auto longest = is_ahead() ? longest_hurried_life : longest_life;
  auto life = std::chrono::duration_cast<clock::duration>(
    dice_.log_uniform(shortest_life, longest));
  test::program running{job_.run_command()};
  auto end = clock::now() + life;
  ++starts_;
  if (dice_.hits(status_share))
    look_at_status();
  if (dice_.hits(adopt_share))
    adopted_ += adopt_held(job_).adopted;
  stay(running, end);
  auto signal = next_signal();
  auto was_running = running.running();
  if (was_running)
    running.signal(signal);
  if (signal == SIGTERM && dice_.hits(impatient_share)) {
    auto patience = std::chrono::duration_cast<clock::duration>(
      dice_.log_uniform(shortest_patience, longest_patience));
    stay(running, clock::now() + patience);
    running.signal(signal);
  }
  auto asked = clock::now();
  auto result = running.wait();
  if (was_running)
    ++delivered_;
  if (was_running && signal == SIGTERM)
    longest_stop_ = std::max<std::chrono::duration<double>>(
      longest_stop_, clock::now() - asked);
  judge(result, signal);
}

bool killer::is_ahead() const {
  auto submitted = test::in_stats(job_.api(), "/urls_submitted");
  return submitted * settings_.kills > job_.input().urls.size() * delivered_;
}

int killer::next_signal() {
  switch (settings_.with) {
    case signal_choice::kill:
      return SIGKILL;
    case signal_choice::term:
      return SIGTERM;
    case signal_choice::mix:
      break;
  }
  return dice_.hits(0.5) ? SIGKILL : SIGTERM;
}

void killer::look_at_status() {
  auto status = read_status(job_);
  if (!status)
    return; // the job has no ledger yet
  ++readings_;
  if (adds_up(status->numbers))
    return;
  failed_ = true;
  out_.check("status adds up while the job runs", "", false);
}

void killer::stay(test::program& running, clock::time_point until) const {
  while (clock::now() < until && running.running())
    std::this_thread::sleep_for(
      std::min<clock::duration>(1ms, until - clock::now()));
}

void killer::judge(const test::program_result& result, int signal) {
  auto code = result.exit_code;
  finished_ = code == exit_done || code == exit_incomplete;
  // Until the program has set its handler, a SIGTERM ends the program at once.
  auto is_good = finished_ || code == exit_stopped || code == ended_by(signal);
  if (is_good)
    return;
  failed_ = true;
  out_.check("exit code after a signal", std::to_string(code), false);
  out_.detail(end_of(result.err));
}

} // namespace sluice::torture

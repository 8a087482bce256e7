#include "pipeline/report/progress.hpp"

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/units.hpp"
#include "pipeline/report/counted.hpp"
#include "pipeline/report/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

namespace sluice {

namespace {

/// What the API says besides the status: " (Run not found)", or nothing.
std::string own_words(const gone_facts& gone) {
  auto status = "HTTP " + std::to_string(gone.status);
  std::string_view words{gone.reason};
  if (words.starts_with(status))
    words.remove_prefix(status.size());
  if (words.starts_with(": "))
    words.remove_prefix(2);
  return words.empty() ? "" : " (" + printable(words, 120) + ")";
}

} // namespace

std::string gone_text(const gone_facts& gone) {
  if (gone.runs == 0)
    return {};
  auto is_one = gone.runs == 1;
  return "the API answers " + std::to_string(gone.status) + own_words(gone)
         + " for " + counted(gone.runs, "run")
         + (is_one ? ", which is given up in "
                   : ", the first of which is given up in ")
         + human_duration(gone.time_left);
}

std::string progress_line(const progress_facts& facts) {
  auto share = facts.urls_total == 0
                 ? 100.0
                 : 100.0 * static_cast<double>(facts.urls_settled)
                     / static_cast<double>(facts.urls_total);
  auto line = human_count(facts.urls_settled) + "/"
              + human_count(facts.urls_total) + " URLs ("
              + std::to_string(static_cast<int>(std::floor(share))) + "%), "
              + human_count(facts.active_runs) + " runs, "
              + std::to_string(std::lround(facts.requests_per_minute));
  if (facts.limit_per_minute > 0)
    line += "/" + std::to_string(facts.limit_per_minute);
  line += " req/min";
  if (!facts.sink_failure.empty())
    line += ", " + human_count(facts.urls_bought) + " bought, "
            + printable(facts.sink_failure, 120);
  if (facts.gone.runs > 0)
    line += ", " + gone_text(facts.gone);
  else if (!facts.failure.empty())
    line += ", " + printable(facts.failure, 120);
  if (!facts.limit.empty())
    line += ", " + printable(facts.limit, 200);
  if (facts.time_left)
    line += ", " + human_duration(*facts.time_left) + " left";
  if (facts.bound_by)
    line += ", bound by " + std::string{name_of(*facts.bound_by)};
  if (facts.unread_runs > 0)
    line += ", " + human_count(facts.unread_runs) + " being read";
  if (facts.rate_limited > 0)
    line += ", " + human_count(facts.rate_limited) + " × 429";
  return line;
}

namespace {

std::string failure_of(const job_counters& counters) {
  auto reason = counters.api_failure.get();
  return reason.empty() ? counters.link_failure.get()
                        : "the API fails: " + reason;
}

} // namespace

progress_meter::progress_meter(time_point start, uint64_t urls_total,
                               uint64_t urls_settled, uint64_t limit_per_minute)
    : start_{start},
      total_{urls_total},
      goal_{urls_total},
      settled_before_{urls_settled},
      limit_{limit_per_minute} {}

std::optional<duration>
progress_meter::time_left(time_point now, uint64_t settled) const {
  auto done = settled - settled_before_;
  if (done == 0 || settled >= goal_)
    return std::nullopt;
  auto seconds = std::chrono::duration<double>(now - start_).count()
                 / static_cast<double>(done)
                 * static_cast<double>(goal_ - settled);
  return std::chrono::duration_cast<duration>(
    std::chrono::duration<double>(std::min(seconds, 3.0e8)));
}

namespace {

/// Where most of the time between two readings went.
std::optional<bottleneck> main_bound(const time_account::totals_type& before,
                                     const time_account::totals_type& now) {
  size_t most = 0;
  for (size_t i = 1; i < bottlenecks; ++i)
    if (now[i] - before[i] > now[most] - before[most])
      most = i;
  if (now[most] == before[most])
    return std::nullopt;
  return static_cast<bottleneck>(most);
}

} // namespace

progress_facts
progress_meter::measure(time_point now, const job_counters& counters) {
  auto requests = counters.submits + counters.polls + counters.pages;
  samples_[count_++ % samples_.size()] = {now, requests};
  auto& oldest =
    samples_[count_ < samples_.size() ? 0 : count_ % samples_.size()];
  // In the first minute, the rate is simply the number of requests so far.
  auto minutes =
    std::max(1.0, std::chrono::duration<double>(now - oldest.at).count() / 60);
  progress_facts facts;
  facts.urls_total = total_;
  facts.urls_settled =
    std::min(total_, settled_before_ + counters.urls_settled);
  facts.active_runs = counters.active_runs;
  facts.unread_runs = counters.unread_runs;
  facts.rate_limited = counters.rate_limited;
  facts.requests_per_minute =
    static_cast<double>(requests - oldest.requests) / minutes;
  facts.limit_per_minute = limit_;
  facts.limit = counters.limit.get();
  // Rejected URLs alone do not show how long the others will take, or how long
  // held ones will wait.
  if (counters.captures > 0 && counters.held_batches == 0
      && facts.limit.empty())
    facts.time_left = time_left(now, facts.urls_settled);
  auto totals = counters.time.totals(now);
  facts.bound_by = main_bound(std::exchange(totals_, totals), totals);
  // While the job waits for sinks it sends no requests, so the last reply is
  // old.
  if (facts.bound_by != bottleneck::sinks)
    facts.failure = failure_of(counters);
  facts.urls_bought = counters.urls_bought;
  facts.sink_failure = counters.sink_failure.get();
  auto gone = counters.gone.snapshot();
  if (gone.runs > 0)
    facts.gone = {gone.runs, gone.status, gone.reason,
                  std::max(gone.given_up - now, duration::zero())};
  return facts;
}

// -- the terminal -------------------------------------------------------------

namespace {

struct terminal_line {
  std::mutex mutex;
  std::string text; ///< the line now at the bottom
  bool coloured = false;
};

terminal_line& terminal() {
  static terminal_line instance;
  return instance;
}

void write_raw(std::string_view text) {
  while (!text.empty()) {
    auto written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written <= 0)
      return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

size_t columns() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return 80;
}

/// Return to the first column, erase to the end of the line.
constexpr std::string_view erase = "\r\x1b[K";

/// The last column stays free: a full line wraps on some terminals.
void draw(const terminal_line& line) {
  write_raw(std::string{erase}
            + fit_line(line.text, columns() - 1, line.coloured));
}

void before_log_line() {
  auto& line = terminal();
  line.mutex.lock();
  if (!line.text.empty())
    write_raw(erase);
}

void after_log_line() {
  auto& line = terminal();
  if (!line.text.empty())
    draw(line);
  line.mutex.unlock();
}

} // namespace

live_line::live_line(bool coloured) {
  terminal().coloured = coloured;
  set_log_hooks(before_log_line, after_log_line);
}

live_line::~live_line() {
  clear();
  set_log_hooks(nullptr, nullptr);
}

void live_line::show(const std::string& line) {
  auto& now = terminal();
  std::lock_guard guard{now.mutex};
  now.text = line;
  draw(now);
}

void live_line::clear() {
  auto& now = terminal();
  std::lock_guard guard{now.mutex};
  if (!now.text.empty())
    write_raw(erase);
  now.text.clear();
}

} // namespace sluice

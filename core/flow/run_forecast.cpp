#include "core/flow/run_forecast.hpp"

#include "core/model/run.hpp"

#include <algorithm>
#include <cmath>

namespace sluice {

namespace {

constexpr size_t most_numbers = 64;

/// With fewer ratios than this, the initial ones are used.
constexpr size_t enough_ratios = 5;

/// The ratios to assume initially. A run is often slow at first, so it looks
/// slower than it is.
const std::vector<double> first_ratios{0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.3};

/// Ratios are clamped to this range, since others are accidents.
constexpr double least_ratio = 0.3, greatest_ratio = 3;

/// The share of a run's work after which its age yields its rate, and the share
/// between two readings after which these do.
constexpr double least_share = 0.15, least_step = 0.05;

/// Predictions of less than this fraction of the run's age are not learnt from.
constexpr int least_left_part = 20;

constexpr size_t most_predictions = 8;

/// The share of earlier runs that counts as "most".
constexpr double most_runs = 0.9;

/// REQUIRES: `ends` is ordered and not empty.
time_point quantile(const std::vector<time_point>& ends, double share) {
  auto index = std::ceil(share * static_cast<double>(ends.size()) - 1e-9);
  return ends[static_cast<size_t>(std::max(index, 1.0)) - 1];
}

duration from_seconds(double seconds) {
  constexpr double year = 365.0 * 24 * 3'600;
  return std::chrono::duration_cast<duration>(
    std::chrono::duration<double>{std::min(seconds, year)});
}

double seconds(duration span) {
  return std::chrono::duration<double>{span}.count();
}

} // namespace

// -- what is learnt -----------------------------------------------------------

void recent_numbers::add(double value) {
  if (values_.size() < most_numbers)
    values_.push_back(value);
  else
    values_[next_++ % most_numbers] = value;
}

void run_history::add_length(duration length, uint32_t urls) {
  seconds_per_url_.add(seconds(length) / std::max(1U, urls));
}

void run_history::add_ratio(forecast_basis basis, double ratio) {
  ratios_[static_cast<size_t>(basis)].add(
    std::clamp(ratio, least_ratio, greatest_ratio));
}

std::vector<duration> run_history::lengths(uint32_t urls) const {
  std::vector<duration> result;
  if (!has_lengths())
    return result;
  for (auto each : seconds_per_url_.values())
    result.push_back(from_seconds(each * std::max(1U, urls)));
  return result;
}

const std::vector<double>& run_history::ratios(forecast_basis basis) const {
  auto& learnt = ratios_[static_cast<size_t>(basis)].values();
  return learnt.size() < enough_ratios ? first_ratios : learnt;
}

double run_history::next_share() noexcept {
  constexpr double golden = 0.6180339887498949;
  share_ = std::fmod(share_ + golden, 1.0);
  return share_;
}

// -- one run ------------------------------------------------------------------

run_forecast::run_forecast(std::shared_ptr<run_history> history, uint32_t urls,
                           time_point started, bool knows_start)
    : history_{std::move(history)}, urls_{urls} {
  start(started);
  knows_start_ = knows_start;
  refresh();
}

void run_forecast::start(time_point when) {
  started_ = seen_ = when;
  knows_start_ = true;
  looks_.clear();
  predictions_.clear();
  own_.clear();
  refresh();
}

void run_forecast::on_active(time_point now, const run_status& status) {
  seen_ = now;
  if (status.extracted && status.queue) {
    history_->saw_counters();
    observe({now, static_cast<double>(*status.extracted),
             static_cast<double>(*status.queue)});
  }
  refresh();
}

void run_forecast::observe(const progress& now) {
  if (!looks_.empty() && now.extracted < looks_.back().extracted) {
    looks_.clear(); // the run was started again
    own_.clear();
  }
  if (now.extracted == 0) {
    looks_.assign(1, now);
    return;
  }
  auto has_moved = looks_.empty() || now.extracted > looks_.back().extracted
                   || now.queue < looks_.back().queue;
  if (!has_moved)
    return;
  if (auto found = predict(now))
    trust(*found);
  // The time before it began to work is not part of its rate.
  if (!looks_.empty() && looks_.front().extracted == 0)
    looks_.clear();
  if (looks_.size() > 1)
    looks_.pop_back();
  looks_.push_back(now);
}

void run_forecast::trust(const prediction& made) {
  if (predictions_.size() < most_predictions)
    predictions_.push_back(made);
  own_.clear();
  for (auto ratio : history_->ratios(made.basis))
    own_.push_back(made.at + from_seconds(ratio * seconds(made.left)));
  std::sort(own_.begin(), own_.end());
}

/// Extrapolates the queue linearly: at the rate since the run began; from the
/// third reading on, at the rate since the first one, or since the last one if
/// that is higher (the run became faster, or stood still before).
std::optional<run_forecast::prediction>
run_forecast::predict(const progress& now) const {
  auto whole = now.extracted + now.queue;
  auto left = [&](const progress& from, double least) -> std::optional<double> {
    auto done =
      std::max(now.extracted - from.extracted, from.queue - now.queue);
    if (done < std::max(1.0, least * whole))
      return std::nullopt;
    return seconds(now.at - from.at) * now.queue / done;
  };
  if (looks_.empty() && !knows_start_)
    return std::nullopt;
  if (looks_.empty() || looks_.front().extracted == 0) {
    auto began = looks_.empty() ? progress{started_, 0, whole} : looks_.front();
    if (auto found = left(began, least_share))
      return prediction{now.at, from_seconds(*found), forecast_basis::age};
    return std::nullopt;
  }
  auto since_first = left(looks_.front(), least_step);
  if (!since_first)
    return std::nullopt;
  auto since_last = left(looks_.back(), least_step).value_or(*since_first);
  return prediction{now.at, from_seconds(std::min(*since_first, since_last)),
                    forecast_basis::rate};
}

/// If the run's counters predict its end, they decide; but an end later than
/// most runs' is checked early instead of being trusted.
void run_forecast::refresh() {
  auto lengths =
    knows_start_ ? history_->lengths(urls_) : std::vector<duration>{};
  std::vector<time_point> by_length;
  for (auto length : lengths)
    if (started_ + length > seen_)
      by_length.push_back(started_ + length);
  std::sort(by_length.begin(), by_length.end());
  auto first = std::upper_bound(own_.begin(), own_.end(), seen_);
  ends_.assign(first, own_.end());
  overdue_ = ends_.empty() && by_length.empty() && !lengths.empty();
  if (ends_.empty())
    ends_ = std::move(by_length);
  else if (!by_length.empty())
    for (auto& end : ends_)
      end = std::min(end, quantile(by_length, most_runs));
}

std::optional<time_point> run_forecast::when(double chance) const {
  if (ends_.empty())
    return std::nullopt;
  return quantile(ends_, chance);
}

double run_forecast::chance(time_point now) const {
  if (ends_.empty())
    return 0;
  auto past = std::upper_bound(ends_.begin(), ends_.end(), now) - ends_.begin();
  return static_cast<double>(past) / static_cast<double>(ends_.size());
}

/// The run ended after it was last seen. If its counters predict ends in that
/// time, picks one of these; else any time. (Picking from the lengths of
/// earlier runs would make all lengths alike in the long run.)
time_point run_forecast::likely_end(time_point now) const {
  auto share = history_->next_share();
  auto first = std::upper_bound(own_.begin(), own_.end(), seen_);
  auto last = std::upper_bound(first, own_.end(), now);
  if (first != last)
    return first[static_cast<int64_t>(share
                                      * static_cast<double>(last - first))];
  return seen_ + from_seconds(share * seconds(now - seen_));
}

time_point run_forecast::on_ended(time_point now) {
  auto end = likely_end(now);
  if (knows_start_)
    history_->add_length(end - started_, urls_);
  for (auto& made : predictions_)
    if (made.left * least_left_part >= made.at - started_)
      history_->add_ratio(made.basis,
                          seconds(end - made.at) / seconds(made.left));
  return end;
}

} // namespace sluice

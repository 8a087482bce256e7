#include "core/run_forecast.hpp"

#include <algorithm>
#include <cmath>

namespace sluice {

namespace {

constexpr size_t most_numbers = 64;

/// Ratios fewer than this are not enough to go by.
constexpr size_t enough_ratios = 5;

/// How predictions may turn out, before any has. A run is slow at first, so
/// its age makes it look slower than it is.
const std::array<std::vector<double>, 2> first_ratios{
  std::vector<double>{0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.3},
  std::vector<double>{0.85, 0.95, 1, 1.05, 1.2}};

/// Ratios beyond these are accidents.
constexpr double least_ratio = 0.3, greatest_ratio = 3;

/// The share of a run's work from which its age tells its rate, and the share
/// between two looks from which they do.
constexpr double least_share = 0.15, least_step = 0.05;

/// Predictions closer to the end than this teach nothing.
constexpr duration least_left = std::chrono::seconds{1};

constexpr size_t most_predictions = 8;

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
  if (seconds_per_url_.values().size() < enough)
    return result;
  for (auto each : seconds_per_url_.values())
    result.push_back(from_seconds(each * std::max(1U, urls)));
  return result;
}

const std::vector<double>& run_history::ratios(forecast_basis basis) const {
  auto& learnt = ratios_[static_cast<size_t>(basis)].values();
  return learnt.size() < enough_ratios
           ? first_ratios[static_cast<size_t>(basis)]
           : learnt;
}

double run_history::next_share() noexcept {
  constexpr double golden = 0.6180339887498949;
  share_ = std::fmod(share_ + golden, 1.0);
  return share_;
}

// -- one run ------------------------------------------------------------------

run_forecast::run_forecast(std::shared_ptr<run_history> history, uint32_t urls,
                           time_point started)
    : history_{std::move(history)}, urls_{urls} {
  start(started);
}

void run_forecast::start(time_point when) {
  started_ = seen_ = when;
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
    looks_.clear(); // it was started again
    own_.clear();
  }
  auto has_moved = now.extracted > 0
                   && (looks_.empty() || now.extracted > looks_.back().extracted
                       || now.queue < looks_.back().queue);
  if (!has_moved)
    return;
  auto found = predict(now);
  if (looks_.size() > 1)
    looks_.pop_back();
  looks_.push_back(now);
  if (!found)
    return;
  if (predictions_.size() < most_predictions)
    predictions_.push_back(*found);
  own_.clear();
  for (auto ratio : history_->ratios(found->basis))
    own_.push_back(now.at + from_seconds(ratio * seconds(found->left)));
  std::sort(own_.begin(), own_.end());
}

std::optional<run_forecast::prediction>
run_forecast::predict(const progress& now) const {
  auto whole = now.extracted + now.queue;
  if (looks_.empty()) {
    if (now.extracted < least_share * whole)
      return std::nullopt;
    auto left = seconds(now.at - started_) * now.queue / now.extracted;
    return prediction{now.at, from_seconds(left), forecast_basis::age};
  }
  auto& first = looks_.front();
  auto done = std::max(now.extracted - first.extracted, first.queue - now.queue);
  if (done < std::max(1.0, least_step * whole))
    return std::nullopt;
  // The counters are whole numbers: on average half a one more is done.
  auto left = seconds(now.at - first.at) * std::max(now.queue - 0.5, 0.0) / done;
  return prediction{now.at, from_seconds(left), forecast_basis::rate};
}

void run_forecast::refresh() {
  auto later = [this](time_point end) { return end > seen_; };
  ends_.clear();
  std::copy_if(own_.begin(), own_.end(), std::back_inserter(ends_), later);
  overdue_ = false;
  if (!ends_.empty())
    return;
  auto lengths = history_->lengths(urls_);
  for (auto length : lengths)
    if (later(started_ + length))
      ends_.push_back(started_ + length);
  overdue_ = ends_.empty() && !lengths.empty();
  std::sort(ends_.begin(), ends_.end());
}

std::optional<time_point> run_forecast::when(double chance) const {
  if (ends_.empty())
    return std::nullopt;
  auto count = static_cast<double>(ends_.size());
  auto index = static_cast<size_t>(std::ceil(chance * count - 1e-9));
  return ends_[std::clamp<size_t>(index, 1, ends_.size()) - 1];
}

double run_forecast::chance(time_point now) const {
  if (ends_.empty())
    return 0;
  auto past = std::upper_bound(ends_.begin(), ends_.end(), now) - ends_.begin();
  return static_cast<double>(past) / static_cast<double>(ends_.size());
}

/// It ended at some time since it was last seen: where the forecast has ends
/// there, at one of these; else anywhere.
time_point run_forecast::likely_end(time_point now) const {
  auto past = std::upper_bound(ends_.begin(), ends_.end(), now) - ends_.begin();
  auto share = history_->next_share();
  if (past > 0)
    return ends_[static_cast<size_t>(share * static_cast<double>(past))];
  return seen_ + from_seconds(share * seconds(now - seen_));
}

time_point run_forecast::on_ended(time_point now) {
  auto end = likely_end(now);
  history_->add_length(end - started_, urls_);
  for (auto& made : predictions_)
    if (made.left >= least_left)
      history_->add_ratio(made.basis,
                          seconds(end - made.at) / seconds(made.left));
  return end;
}

} // namespace sluice

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

/// Ratios are clamped to this range; those outside it are accidents.
constexpr double least_ratio = 0.3, greatest_ratio = 3;

/// The share of its work that a run must have done before its rate is computed
/// from its age, and the share between two readings before these are used.
constexpr double least_share = 0.15, least_step = 0.05;

/// Predictions of less than this fraction of the run's age are not learnt from.
constexpr int least_left_part = 20;

constexpr size_t most_predictions = 8;

/// The share of earlier runs that counts as "most".
constexpr double most_runs = 0.9;

/// The index of a quantile of `count` ordered values. REQUIRES: count > 0.
size_t quantile(size_t count, double share) {
  auto index = std::ceil(share * static_cast<double>(count) - 1e-9);
  return static_cast<size_t>(std::max(index, 1.0)) - 1;
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
  if (added_.size() < most_numbers) {
    added_.push_back(value);
  } else {
    auto& oldest = added_[next_++ % most_numbers];
    ordered_.erase(std::lower_bound(ordered_.begin(), ordered_.end(), oldest));
    oldest = value;
  }
  ordered_.insert(std::upper_bound(ordered_.begin(), ordered_.end(), value),
                  value);
}

void run_history::add_length(duration length, uint32_t urls) {
  seconds_per_url_.add(seconds(length) / std::max(1U, urls));
}

void run_history::add_ratio(forecast_basis basis, double ratio) {
  ratios_[static_cast<size_t>(basis)].add(
    std::clamp(ratio, least_ratio, greatest_ratio));
}

size_t run_history::lengths() const noexcept {
  auto known = seconds_per_url_.values().size();
  return known < enough ? 0 : known;
}

size_t run_history::lengths_within(duration age, uint32_t urls) const noexcept {
  if (!has_lengths())
    return 0;
  auto& each = seconds_per_url_.values();
  auto is_within = [&](double seconds) {
    return from_seconds(seconds * std::max(1U, urls)) <= age;
  };
  return static_cast<size_t>(
    std::partition_point(each.begin(), each.end(), is_within) - each.begin());
}

duration run_history::length(size_t index, uint32_t urls) const noexcept {
  return from_seconds(seconds_per_url_.values()[index] * std::max(1U, urls));
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
  started_ = when;
  knows_start_ = true;
  looks_.clear();
  predictions_.clear();
  own_.clear();
  on_seen(when);
}

void run_forecast::on_active(time_point now, const run_status& status) {
  if (status.extracted && status.queue) {
    history_->saw_counters();
    observe({now, static_cast<double>(*status.extracted),
             static_cast<double>(*status.queue)});
  }
  on_seen(now);
}

void run_forecast::on_seen(time_point when) {
  seen_ = when;
  own_past_ = static_cast<size_t>(
    std::upper_bound(own_.begin(), own_.end(), seen_) - own_.begin());
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

/// Starts at the last result, which is rarely off by more than one.
void run_forecast::refresh() {
  auto age = seen_ - started_;
  auto all = knows_start_ ? history_->lengths() : 0;
  auto is_past = [&](size_t i) { return history_->length(i, urls_) <= age; };
  lengths_past_ = std::min(lengths_past_, all);
  while (lengths_past_ > 0 && !is_past(lengths_past_ - 1))
    --lengths_past_;
  while (lengths_past_ < all && is_past(lengths_past_))
    ++lengths_past_;
}

size_t run_forecast::own_ends() const noexcept {
  return own_.size() - own_past_;
}

size_t run_forecast::length_ends() const noexcept {
  return knows_start_ ? history_->lengths() - lengths_past_ : 0;
}

time_point run_forecast::length_end(double share) const noexcept {
  auto index = lengths_past_ + quantile(length_ends(), share);
  return started_ + history_->length(index, urls_);
}

/// If the run's counters predict its end, they decide; but an end later than
/// the ends of most runs is checked early instead of being trusted.
std::optional<time_point> run_forecast::when(double chance) const {
  auto by_length = length_ends() > 0;
  if (own_ends() == 0)
    return by_length ? std::optional{length_end(chance)} : std::nullopt;
  auto end = own_[own_past_ + quantile(own_ends(), chance)];
  return by_length ? std::min(end, length_end(most_runs)) : end;
}

double run_forecast::chance(time_point now) const {
  auto part = [](size_t past, size_t all) {
    return static_cast<double>(past) / static_cast<double>(all);
  };
  auto by_length = length_ends();
  if (own_ends() == 0) {
    if (by_length == 0)
      return 0;
    auto past = history_->lengths_within(now - started_, urls_);
    return part(std::max(past, lengths_past_) - lengths_past_, by_length);
  }
  if (by_length > 0 && length_end(most_runs) <= now)
    return 1;
  auto past = std::upper_bound(own_.begin() + static_cast<int64_t>(own_past_),
                               own_.end(), now);
  return part(static_cast<size_t>(past - own_.begin()) - own_past_, own_ends());
}

/// The run ended after it was last seen. If its counters predict ends in that
/// time, picks one of these; else any time. (Picking from the lengths of
/// earlier runs would make all lengths alike in the long run.)
time_point run_forecast::likely_end(time_point now) const {
  auto share = history_->next_share();
  auto first = own_.begin() + static_cast<int64_t>(own_past_);
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

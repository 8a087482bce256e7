#include "actors/rate_limiter.hpp"

#include "core/base/log.hpp"

#include <algorithm>

namespace sluice {

namespace {

double seconds_of(duration time) {
  return std::chrono::duration<double>(time).count();
}

} // namespace

rate_limiter_state::~rate_limiter_state() {
  fail_all(make_error(ec::stopped, "the rate limiter has ended"));
}

void rate_limiter_state::fail_all(const caf::error& reason) {
  for (auto& queue : queues_) {
    for (auto& entry : queue)
      entry.promise.deliver(reason);
    queue.clear();
  }
}

token_bucket rate_limiter_state::bucket(const bucket_state& state) const {
  auto limits = config_.limits;
  limits.burst = burst_within(limits.burst, limits.per_second, spread_.value());
  return {limits, state};
}

caf::typed_response_promise<permit>
rate_limiter_state::park(request_kind kind) {
  auto promise = self_->make_response_promise<permit>();
  queues_[static_cast<size_t>(kind)].push_back({promise, arrivals_++});
  pump();
  return promise;
}

void rate_limiter_state::returned(const permit& used) {
  ++idle_;
  if (auto found = under_way_.find(used.granted_at); found != under_way_.end())
    under_way_.erase(found);
}

void rate_limiter_state::release(const permit& unused) {
  returned(unused);
  auto now = self_->clock().now();
  auto err = config_.store->update([&](bucket_state& state) {
    auto tokens = bucket(state);
    tokens.give_back(unused.granted_at, now);
    state = tokens.state();
    // A spare poll's token was not counted.
    if (config_.job && unused.kind != request_kind::spare_poll)
      state.turns.gave_back(*config_.job);
  });
  if (err)
    return fail_all(err);
  pump();
}

void rate_limiter_state::on_report(const request_report& report) {
  returned(report.used);
  auto now = self_->clock().now();
  if (report.answered)
    spread_.add(report.delay);
  auto kind = report.refused    ? bucket_reply::refused
              : report.answered ? bucket_reply::answered
                                : bucket_reply::unknown;
  duration freeze{};
  duration held_back{};
  auto shares = false;
  auto err = config_.store->update([&](bucket_state& state) {
    auto tokens = bucket(state);
    auto frozen_until = state.frozen_until;
    auto share = state.share;
    tokens.on_reply(kind, report.used.granted_at, now, report.hint);
    if (report.quota && !report.refused)
      held_back = tokens.on_quota(*report.quota, later_than(report.used), now);
    state = tokens.state();
    if (state.frozen_until != frozen_until)
      freeze = state.wait;
    shares = state.share != share;
  });
  if (err)
    return fail_all(err);
  if (freeze > duration::zero())
    log_event(
      log_level::warn, "rate_limited",
      "the API answered 429: all requests wait, then one is sent as a probe",
      {{"seconds", seconds_of(freeze)}});
  if (shares)
    log_event(
      log_level::warn, "budget_shared",
      "the API answers 429 although the limit was kept, so others use the same "
      "budget: sending fewer requests until there is room again. Set "
      "api.requests_per_minute to what is left for this key");
  on_held_back(held_back);
  pump();
}

void rate_limiter_state::on_held_back(duration wait) {
  auto sum = watch_.on_wait(wait, self_->clock().now());
  if (!sum)
    return;
  log_event(
    log_level::warn, "quota_empty",
    "the API's rate limit headers say that nothing is left, so requests wait "
    "longer than api.requests_per_minute requires: others use the same budget, "
    "or the headers report a lower limit than the configured one",
    {{"seconds", seconds_of(*sum)}});
}

uint64_t rate_limiter_state::later_than(const permit& used) const {
  return static_cast<uint64_t>(
    std::distance(under_way_.lower_bound(used.granted_at), under_way_.end()));
}

std::optional<request_kind> rate_limiter_state::next_kind() const {
  auto has_any = [](auto& queue) { return !queue.empty(); };
  auto first = std::find_if(queues_.begin(), queues_.end(), has_any);
  if (first == queues_.end())
    return std::nullopt;
  auto spare = queues_.begin() + static_cast<int>(request_kind::spare_poll);
  if (first != spare && grants_ % oldest_every == oldest_every - 1) {
    auto age = [](auto& queue) {
      return queue.empty() ? UINT64_MAX : queue.front().order;
    };
    first = std::min_element(queues_.begin(), spare,
                             [&](auto& a, auto& b) { return age(a) < age(b); });
  }
  return static_cast<request_kind>(first - queues_.begin());
}

std::optional<time_point> rate_limiter_state::take_for(token_bucket& tokens,
                                                       request_kind kind,
                                                       time_point now) const {
  if (kind == request_kind::spare_poll)
    return tokens.take_spare(now, spare_level);
  return config_.job ? tokens.take(now, *config_.job) : tokens.take(now);
}

std::optional<limiter_wait> rate_limiter_state::take_token(request_kind kind) {
  auto now = self_->clock().now();
  std::optional<time_point> later;
  auto wait = limiter_wait::tokens;
  auto err = config_.store->update([&](bucket_state& state) {
    auto tokens = bucket(state);
    later = take_for(tokens, kind, now);
    if (tokens.frozen())
      wait = limiter_wait::freeze;
    state = tokens.state();
  });
  if (err) {
    fail_all(err);
    return limiter_wait::none;
  }
  if (later) {
    self_->delayed_send(self_, *later - now, atoms::wake_atom::value,
                        ++wake_id_);
    return kind == request_kind::spare_poll ? limiter_wait::none : wait;
  }
  granted_at_ = now;
  return std::nullopt;
}

void rate_limiter_state::pump() {
  auto wait = grant();
  config_.counters->time.note(self_->clock().now(), wait);
}

limiter_wait rate_limiter_state::grant() {
  granted_permits granted;
  auto wait = grant_all(granted);
  // Deliver only now: whoever gets a permit may have to wait for this thread,
  // which may have to wait for the bucket.
  for (auto& [promise, allowed] : granted)
    promise.deliver(allowed);
  return wait;
}

limiter_wait rate_limiter_state::grant_all(granted_permits& granted) {
  while (idle_ > 0) {
    auto kind = next_kind();
    if (!kind)
      break;
    if (auto wait = take_token(*kind))
      return *wait;
    auto& queue = queues_[static_cast<size_t>(*kind)];
    granted.emplace_back(std::move(queue.front().promise),
                         permit{*kind, granted_at_});
    queue.pop_front();
    --idle_;
    ++grants_;
    under_way_.insert(granted_at_);
  }
  return limiter_wait::none;
}

rate_limiter_actor::behavior_type
rate_limiter_state::make_behavior(rate_limiter_config config) {
  config_ = std::move(config);
  return {
    [this](atoms::permit_atom, request_kind kind) { return park(kind); },
    [this](atoms::release_atom, const permit& unused) { release(unused); },
    [this](atoms::idle_atom, uint32_t workers) {
      idle_ += workers;
      pump();
    },
    [this](const request_report& report) { on_report(report); },
    [this](atoms::wake_atom, uint64_t id) {
      if (id == wake_id_)
        pump();
    },
  };
}

rate_limiter_actor::behavior_type
rate_limiter(rate_limiter_state::pointer self, rate_limiter_config config) {
  return self->state.make_behavior(std::move(config));
}

} // namespace sluice

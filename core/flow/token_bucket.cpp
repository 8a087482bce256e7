#include "core/flow/token_bucket.hpp"

#include "core/model/quota.hpp"

#include <algorithm>
#include <cmath>

namespace sluice {

namespace {

/// A probe unanswered for this long is replaced; its process may be gone.
constexpr duration probe_lifetime = std::chrono::seconds{60};

/// How often to check whether another process's probe was answered.
constexpr duration probe_recheck = std::chrono::milliseconds{250};

/// A 429 this long after the previous one counts as an accident.
constexpr duration accident_after = std::chrono::minutes{5};

/// Tolerates the rounding of waits: a take at the announced time succeeds.
constexpr double whole_token = 1.0 - 1e-9;

} // namespace

double token_bucket::level(time_point now) const noexcept {
  auto seconds = std::chrono::duration<double>(now - state_.at).count();
  auto share = (state_.share.now(state_.at) + state_.share.now(now)) / 2;
  auto gained = std::max(0.0, seconds) * limits_.per_second * share;
  return std::min(limits_.burst, state_.level + gained);
}

void token_bucket::refill(time_point now) noexcept {
  state_.level = level(now);
  state_.at = std::max(state_.at, now);
}

time_point token_bucket::when(double least, time_point now) const noexcept {
  if (limits_.per_second <= 0)
    return state_.at;
  auto rate = limits_.per_second * state_.share.now(now);
  std::chrono::duration<double> wait{std::max(0.0, least - state_.level)
                                     / rate};
  return state_.at + std::chrono::ceil<duration>(wait);
}

std::optional<time_point> token_bucket::take(time_point now) noexcept {
  return take_above(1, now);
}

std::optional<time_point>
token_bucket::take(time_point now, const sharing_job& job) {
  auto next = missed_by(state_.turns.ask(job, now), now);
  if (!next)
    next = take_above(1, now);
  if (next)
    return state_.turns.wait(job, now, *next);
  state_.turns.took(job);
  return std::nullopt;
}

std::optional<time_point>
token_bucket::take_spare(time_point now, double full) noexcept {
  auto waiting = static_cast<double>(state_.turns.waiting(now));
  return take_above(std::max(1.0, full * limits_.burst) + waiting, now);
}

std::optional<time_point>
token_bucket::missed_by(const std::vector<time_point>& asks,
                        time_point now) const noexcept {
  if (limits_.per_second <= 0)
    return std::nullopt;
  auto rate = limits_.per_second * state_.share.now(now);
  auto with = level(now);
  auto without = with - 1;
  auto at = now;
  auto is_missed = false;
  for (auto next : asks) {
    auto seconds = std::chrono::duration<double>(next - at).count();
    auto gained = std::max(0.0, seconds) * rate;
    with = std::min(limits_.burst, with + gained) - 1;
    without = std::min(limits_.burst, without + gained);
    at = std::max(at, next);
    is_missed |= without < whole_token;
    without -= 1;
  }
  if (!is_missed)
    return std::nullopt;
  std::chrono::duration<double> wait{std::max(0.0, 1 - with) / rate};
  return at + std::chrono::ceil<duration>(wait);
}

std::optional<time_point>
token_bucket::take_above(double least, time_point now) noexcept {
  if (frozen()) {
    if (now < state_.frozen_until)
      return state_.frozen_until;
    if (state_.probing && now < state_.probe_sent + probe_lifetime)
      return now + probe_recheck;
  }
  if (now < state_.at)
    return state_.at;
  if (limits_.per_second > 0) {
    refill(now);
    if (state_.level < least * whole_token)
      return when(least, now);
    state_.level = std::max(0.0, state_.level - 1);
  }
  if (frozen()) {
    state_.probing = true;
    state_.probe_sent = now;
  }
  return std::nullopt;
}

void token_bucket::give_back(time_point granted_at, time_point now) noexcept {
  refill(now);
  state_.level = std::min(limits_.burst, state_.level + 1);
  if (granted_at == state_.probe_sent)
    state_.probing = false;
}

void token_bucket::freeze(time_point now, duration wait) noexcept {
  state_.wait = std::max(limits_.freeze, std::min(wait, limits_.freeze_cap));
  state_.frozen_at = now;
  state_.frozen_until = now + state_.wait;
  state_.probing = false;
  // The server has just shown that its own bucket is empty.
  state_.level = 0;
  state_.at = std::max(state_.at, now);
}

duration token_bucket::on_quota(const quota_left& left, uint64_t later,
                                time_point now) noexcept {
  refill(now);
  auto next = when(1, now);
  auto spendable = left.remaining - std::min(left.remaining, later);
  state_.level = std::min(state_.level, static_cast<double>(spendable));
  if (left.remaining == 0 && left.reset) {
    auto wait = std::min<duration>(*left.reset, limits_.freeze_cap);
    state_.at = std::max(state_.at, now + wait);
  }
  return when(1, now) - next;
}

/// A first 429 may have any cause: another client's burst, a server restart.
/// Only one that soon follows another halves the share.
void token_bucket::share_rate(time_point now) noexcept {
  if (state_.frozen_at > time_point{}
      && now - state_.frozen_at < accident_after)
    state_.share.halve(now);
}

void token_bucket::on_reply(bucket_reply reply, time_point granted_at,
                            time_point now, duration hint) noexcept {
  auto is_probe = frozen() && state_.probing && granted_at == state_.probe_sent;
  switch (reply) {
    case bucket_reply::refused:
      if (is_probe)
        freeze(now, std::max(hint, 2 * state_.wait));
      else if (granted_at > state_.frozen_at) {
        share_rate(now);
        freeze(now, std::max(hint, limits_.freeze));
      }
      break;
    case bucket_reply::answered:
      if (is_probe) {
        state_.wait = duration::zero();
        state_.probing = false;
      }
      break;
    case bucket_reply::unknown:
      if (is_probe)
        state_.probing = false;
      break;
  }
}

double burst_within(double burst, double per_second, duration spread) noexcept {
  auto seconds = std::chrono::duration<double>(spread).count();
  return std::max(1.0, burst - std::ceil(per_second * seconds));
}

} // namespace sluice

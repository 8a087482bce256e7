// Promise 3, "never over the limit, never idle under it": the organisation's
// token bucket as arithmetic. Pure: the time is an argument. The whole state is
// a value, so that processes can share it through a file.
//
// A 429 concerns the bucket, not the request: it freezes all requests. After
// the freeze one probe is sent; only a refused probe doubles the wait. If one
// freeze soon follows another, others spend from the same budget, and only a
// share of the rate is used from then on. A server that states what is left
// avoids these 429s: see core/http/quota_headers.hpp.

#pragma once

#include "core/base/time.hpp"
#include "core/flow/fair_turns.hpp"
#include "core/flow/rate_share.hpp"
#include "core/model/quota.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace sluice {

struct bucket_limits {
  double per_second = 2; ///< 0: unlimited
  double burst = 30;     ///< tokens in a full bucket
  duration freeze{};     ///< the minimum wait after a 429
  duration freeze_cap = std::chrono::minutes{10}; ///< longest; limits hints
};

/// The state of a bucket at one instant.
struct bucket_state {
  double level = 0; ///< tokens at `at`
  time_point at{}; ///< when `level` was true; if later than now, nothing may be
                   ///< taken until then
  time_point frozen_at{}; ///< start of the current or last freeze
  time_point frozen_until{};
  duration wait{};      ///< length of the current freeze; zero: not frozen
  bool probing = false; ///< the freeze is over, its probe in progress
  time_point probe_sent{};
  rate_share share{}; ///< our share of the rate
  fair_turns turns{}; ///< of the jobs on this machine

  friend bool operator==(const bucket_state&, const bucket_state&) = default;
};

/// What a reply says about the bucket.
enum class bucket_reply {
  answered, ///< any status but 429
  refused,  ///< 429
  unknown,  ///< no reply
};

class token_bucket {
public:
  token_bucket(bucket_limits limits, bucket_state state) noexcept
      : limits_{limits}, state_{std::move(state)} {}

  /// Takes one token at `now` and returns nullopt, or returns the earliest time
  /// to ask again.
  [[nodiscard]] std::optional<time_point> take(time_point now) noexcept;

  /// The same for a job that shares the bucket. Takes no token that a waiting
  /// job with an earlier turn would miss.
  [[nodiscard]] std::optional<time_point>
  take(time_point now, const sharing_job& job);

  /// Takes a token only if the bucket is filled to `full`, from 0 to 1, beyond
  /// what waiting jobs will take.
  [[nodiscard]] std::optional<time_point>
  take_spare(time_point now, double full) noexcept;

  /// Returns the token granted at `granted_at`, because its request was not
  /// sent.
  void give_back(time_point granted_at, time_point now) noexcept;

  /// Records the reply to a request granted at `granted_at`. `hint` is the
  /// server's minimum wait. A 429 to a request granted before the current
  /// freeze began changes nothing.
  void on_reply(bucket_reply reply, time_point granted_at, time_point now,
                duration hint) noexcept;

  /// Records what the server says is left of its own bucket. `later` requests
  /// may have left too late to be included. Only ever lowers the level;
  /// if nothing is left until a reset, nothing is taken until then. The server
  /// keeps refilling while its reply is in transit; we ignore that refill, so
  /// our level can lag by that amount, once. Returns how much later the next
  /// token becomes available.
  duration
  on_quota(const quota_left& left, uint64_t later, time_point now) noexcept;

  /// Tokens at `now`.
  [[nodiscard]] double level(time_point now) const noexcept;

  [[nodiscard]] bool frozen() const noexcept {
    return state_.wait > duration::zero();
  }

  [[nodiscard]] const bucket_state& state() const noexcept { return state_; }

private:
  void refill(time_point now) noexcept;
  /// When there will be `least` tokens.
  [[nodiscard]] time_point when(double least, time_point now) const noexcept;
  /// Takes a token if there are `least` of them.
  [[nodiscard]] std::optional<time_point>
  take_above(double least, time_point now) noexcept;
  /// Returns nullopt if each of the jobs that ask at these times, in order,
  /// finds a token even if one is taken now. Otherwise returns when there is
  /// one token more than those jobs take.
  [[nodiscard]] std::optional<time_point>
  missed_by(const std::vector<time_point>& asks, time_point now) const noexcept;
  void freeze(time_point now, duration wait) noexcept;
  void share_rate(time_point now) noexcept;

  bucket_limits limits_;
  bucket_state state_;
};

/// How much of the server's burst can be used so that uneven delays never make
/// requests arrive faster than they left. Requests that leave within (r, b) and
/// are delayed by d_min to d_max arrive within (r, b + r (d_max − d_min)): so b
/// = burst − ceil(r × spread), at least 1.
///
/// The bucket itself must be smaller; a reserve would not help. While requests
/// were delayed, the server's bucket was full and its refill was lost, so
/// tokens saved here meanwhile do not exist there, even after the delays end.
[[nodiscard]] double
burst_within(double burst, double per_second, duration spread) noexcept;

} // namespace sluice

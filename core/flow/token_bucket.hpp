// Promise 3, "never over the limit, never idle under it": the organisation's
// token bucket as arithmetic. Takes the time as an argument and does no I/O;
// its whole state is a value, so that processes can share it through a file.
//
// A 429 is an event of the bucket, not of the request: it freezes everyone.
// After the freeze one probe goes; only a refused probe doubles the wait. One
// that comes soon after another means that others spend from the same budget:
// then only a share of the rate is used. A server that tells what is left saves
// these 429s: see core/http/quota_headers.hpp.

#pragma once

#include "core/base/time.hpp"
#include "core/flow/rate_share.hpp"
#include "core/model/quota.hpp"

#include <optional>

namespace sluice {

struct bucket_limits {
  double per_second = 2; ///< 0: unlimited
  double burst = 30;     ///< tokens a full bucket holds
  duration freeze{};     ///< least wait after a 429
  duration freeze_cap = std::chrono::minutes{10}; ///< longest; clamps hints
};

/// A bucket at one instant.
struct bucket_state {
  double level = 0;       ///< tokens at `at`
  time_point at{};        ///< when `level` was true; later than now: nothing
                          ///< may be taken until then
  time_point frozen_at{}; ///< when the present or last freeze began
  time_point frozen_until{};
  duration wait{};      ///< length of the present freeze; zero: not frozen
  bool probing = false; ///< the freeze is over, its probe is under way
  time_point probe_sent{};
  rate_share share{}; ///< of the rate that is used

  friend bool operator==(const bucket_state&, const bucket_state&) = default;
};

/// What a reply says of the bucket.
enum class bucket_reply {
  answered, ///< any status but 429
  refused,  ///< 429
  unknown,  ///< no reply
};

class token_bucket {
public:
  token_bucket(bucket_limits limits, bucket_state state) noexcept
      : limits_{limits}, state_{state} {}

  /// Takes one token at `now` and returns nullopt, or returns when to ask
  /// again at the earliest. Takes none while the bucket is less than `full`,
  /// from 0 to 1.
  [[nodiscard]] std::optional<time_point>
  take(time_point now, double full = 0) noexcept;

  /// Gives back the token granted at `granted_at`: its request never left.
  void give_back(time_point granted_at, time_point now) noexcept;

  /// Notes the reply to a request that was granted at `granted_at`. `hint` is
  /// the server's least wait. A 429 to a request granted before the present
  /// freeze began is old news and changes nothing.
  void on_reply(bucket_reply reply, time_point granted_at, time_point now,
                duration hint) noexcept;

  /// Notes what the server says is left of its own bucket, while `later`
  /// requests may have left too late to count in that. It only ever lowers the
  /// level; nothing left until a reset means that nothing is taken until then.
  /// Where the server's refill on the way here is lost thereby, the bucket is
  /// from then on as much below the server's, and loses no more. Returns by
  /// how much later the next token is there.
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
  /// When there are `least` tokens.
  [[nodiscard]] time_point when(double least, time_point now) const noexcept;
  void freeze(time_point now, duration wait) noexcept;
  void share_rate(time_point now) noexcept;

  bucket_limits limits_;
  bucket_state state_;
};

/// How many tokens of the server's burst to leave unused so that uneven
/// delays cannot make requests arrive faster than they left. Requests that
/// leave within (r, b) and are delayed by d_min to d_max arrive within
/// (r, b + r (d_max − d_min)): so b = burst − ceil(r × spread), at least 1.
///
/// The bucket itself must be made smaller, rather than keep a reserve: while
/// requests were delayed the server's bucket stood full and its refill was
/// lost, so tokens saved here meanwhile exist no more, also once the delays
/// are over.
[[nodiscard]] double
burst_within(double burst, double per_second, duration spread) noexcept;

} // namespace sluice

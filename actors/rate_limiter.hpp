// Grants permits: one bucket for all requests to the API. Requests wait here
// until a token and an idle worker are available. Scarce tokens go to submits
// first, then to pages, then to polls; spare polls get tokens that would
// otherwise be lost. Jobs that share the bucket take turns.

#pragma once

#include "actors/protocol.hpp"
#include "core/flow/bucket_store.hpp"
#include "core/flow/delay_spread.hpp"
#include "core/flow/job_counters.hpp"
#include "core/flow/quota_watch.hpp"
#include "core/flow/token_bucket.hpp"

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace sluice {

struct rate_limiter_config {
  /// The server's limits; the burst is reduced here by the spread of delays
  /// (`burst_within`).
  bucket_limits limits;
  std::shared_ptr<bucket_store> store;
  std::shared_ptr<job_counters> counters;
  /// Takes turns with other jobs under this name; unset: shares with none.
  std::optional<sharing_job> job{};
};

class rate_limiter_state {
public:
  using pointer = rate_limiter_actor::stateful_pointer<rate_limiter_state>;
  static inline constexpr const char* name = "rate-limiter";

  /// Every `oldest_every`th grant goes to the oldest request of any kind except
  /// spare polls, so that no other kind starves.
  static constexpr uint64_t oldest_every = 8;

  /// Tokens above this share of the bucket are spare.
  static constexpr double spare_level = 0.75;

  explicit rate_limiter_state(pointer self) : self_{self} {}
  ~rate_limiter_state();

  [[nodiscard]] rate_limiter_actor::behavior_type
  make_behavior(rate_limiter_config config);

private:
  struct waiting {
    caf::typed_response_promise<permit> promise;
    uint64_t order = 0;
  };
  using granted_permits =
    std::vector<std::pair<caf::typed_response_promise<permit>, permit>>;

  caf::typed_response_promise<permit> park(request_kind kind);
  void release(const permit& unused);
  void on_report(const request_report& report);
  /// A reply's headers delayed the next request.
  void on_held_back(duration wait);
  void pump();
  /// Grants permits while it can; returns what the next request waits for.
  [[nodiscard]] limiter_wait grant();
  /// Like `grant`, but does not answer.
  [[nodiscard]] limiter_wait grant_all(granted_permits& granted);
  [[nodiscard]] std::optional<time_point>
  take_for(token_bucket& tokens, request_kind kind, time_point now) const;
  /// Takes a token and returns nullopt, or returns what to wait for.
  [[nodiscard]] std::optional<limiter_wait> take_token(request_kind kind);
  void returned(const permit& used);
  [[nodiscard]] uint64_t later_than(const permit& used) const;
  [[nodiscard]] std::optional<request_kind> next_kind() const;
  void fail_all(const caf::error& reason);
  [[nodiscard]] token_bucket bucket(const bucket_state& state) const;

  pointer self_;
  rate_limiter_config config_;
  std::array<std::deque<waiting>, request_kinds> queues_;
  delay_spread spread_;
  quota_watch watch_;
  std::multiset<time_point> under_way_; ///< permits not returned yet
  uint64_t arrivals_ = 0;
  uint64_t grants_ = 0;
  uint32_t idle_ = 0;    ///< idle workers
  uint64_t wake_id_ = 0; ///< the only valid timer
  time_point granted_at_{};
};

rate_limiter_actor::behavior_type
rate_limiter(rate_limiter_state::pointer self, rate_limiter_config config);

} // namespace sluice

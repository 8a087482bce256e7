// A token bucket's store that remembers its last state, so that readers need
// not take the lock that all processes with this key share.

#pragma once

#include "core/flow/bucket_store.hpp"

#include <memory>
#include <mutex>
#include <optional>

namespace sluice {

/// The bucket at one instant, for people.
struct bucket_view {
  double tokens = 0;
  double burst = 0;
  double per_minute = 0;
  double frozen_seconds = 0; ///< left to wait after a 429
  double share = 1;          ///< the share of the rate in use
};

/// `snapshot` may be called from any thread.
class watched_bucket final : public bucket_store {
public:
  watched_bucket(std::shared_ptr<bucket_store> store, bucket_limits limits);

  [[nodiscard]] caf::error
  update(const std::function<void(bucket_state&)>& change) override;

  /// nullopt if there is no limit, and before the first `update`.
  [[nodiscard]] std::optional<bucket_view> snapshot(time_point now) const;

private:
  std::shared_ptr<bucket_store> store_;
  bucket_limits limits_;
  mutable std::mutex mutex_;
  std::optional<bucket_state> last_;
};

} // namespace sluice

#include "pipeline/serve/watched_bucket.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

watched_bucket::watched_bucket(std::shared_ptr<bucket_store> store,
                               bucket_limits limits)
    : store_{std::move(store)}, limits_{limits} {}

caf::error
watched_bucket::update(const std::function<void(bucket_state&)>& change) {
  bucket_state left;
  auto err = store_->update([&](bucket_state& state) {
    change(state);
    left = state;
  });
  if (!err) {
    std::lock_guard guard{mutex_};
    last_ = left;
  }
  return err;
}

std::optional<bucket_view> watched_bucket::snapshot(time_point now) const {
  std::optional<bucket_state> last;
  {
    std::lock_guard guard{mutex_};
    last = last_;
  }
  if (!last || limits_.per_second <= 0)
    return std::nullopt;
  token_bucket bucket{limits_, *last};
  bucket_view view;
  view.tokens = std::max(0.0, bucket.level(now));
  view.burst = limits_.burst;
  view.per_minute = limits_.per_second * 60;
  view.share = last->share.now(now);
  if (bucket.frozen())
    view.frozen_seconds = std::max(
      0.0, std::chrono::duration<double>(last->frozen_until - now).count());
  return view;
}

} // namespace sluice

#include "core/ledger/retry_pools.hpp"

#include <algorithm>

namespace sluice {

void retry_pools::add(const retry_pool& pool, batch_key batch, uint64_t urls) {
  if (urls == 0)
    return;
  auto [at, is_new] = pools_.try_emplace(pool, content{0, batch});
  at->second.urls += urls;
  at->second.first = std::min(at->second.first, batch);
}

void retry_pools::take(const retry_pool& pool, uint64_t urls, batch_key first) {
  auto at = pools_.find(pool);
  if (at == pools_.end())
    return;
  auto& [left, batch] = at->second;
  left -= std::min(left, urls);
  batch = first;
  if (left == 0)
    pools_.erase(at);
}

const retry_pool* retry_pools::ready(bool own, uint64_t least) const {
  for (auto& [pool, has] : pools_)
    if (pool.own == own && (pool.retries == 0 || has.urls >= least))
      return &pool;
  return nullptr;
}

batch_key retry_pools::first_batch(const retry_pool& pool) const {
  auto at = pools_.find(pool);
  return at == pools_.end() ? 0 : at->second.first;
}

bool retry_pools::has_decided() const {
  return std::any_of(pools_.begin(), pools_.end(),
                     [](auto& entry) { return entry.first.retries == 0; });
}

} // namespace sluice

// The URLs that wait to be submitted again, summed by pool: planning one batch
// of them costs the same however many batches they are in. Pure.

#pragma once

#include "core/model/batch.hpp"
#include "core/model/batch_state.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace sluice {

/// URLs that may share a batch when they are submitted again. URLs that the API
/// has refused do not share one with others.
struct retry_pool {
  std::string robot;
  uint64_t round = 0;   ///< of the batch that takes them, like `retries`
  uint32_t retries = 0; ///< 0: the user asked for it
  batch_state state{};  ///< of the batches that they are in
  bool own = false;     ///< URLs are counted, and this process counted these

  auto operator<=>(const retry_pool&) const = default;
};

class retry_pools {
public:
  /// Adds `urls` URLs that wait in `batch`, or in several batches of which it
  /// is the first.
  void add(const retry_pool& pool, batch_key batch, uint64_t urls);

  /// Removes `urls` URLs, which no longer wait. All that still wait are in
  /// `first` or later batches.
  void take(const retry_pool& pool, uint64_t urls, batch_key first);

  /// The first pool, of `own` URLs or of others, that has `least` URLs or
  /// belongs to a decision. nullptr if there is none.
  [[nodiscard]] const retry_pool* ready(bool own, uint64_t least) const;

  /// The first batch that can have URLs of the pool.
  [[nodiscard]] batch_key first_batch(const retry_pool& pool) const;

  /// Whether URLs of a decision wait.
  [[nodiscard]] bool has_decided() const;

private:
  struct content {
    uint64_t urls = 0;
    batch_key first = 0;
  };

  std::map<retry_pool, content> pools_; ///< none is empty
};

} // namespace sluice

// What a submit needs to be repeated, where the API honours idempotency keys:
// the key, and proof that a later request is the same as the first.

#pragma once

#include "core/base/digest.hpp"

#include <cstdint>
#include <string>

namespace sluice {

/// The ledger keeps it from before the first POST on.
struct submit_ticket {
  std::string key;              ///< a UUID, for this batch's submit alone
  sha256_digest hash{};         ///< of the request that is sent with it
  int64_t first_sent_at_ms = 0; ///< wall clock, before the first POST
};

} // namespace sluice

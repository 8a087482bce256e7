// What is needed to repeat a submit if the API honours idempotency keys: the
// key, and proof that the repeat equals the original request. core/api creates
// and checks it (submit_request.hpp), the ledger stores it before the first
// POST, and run_submitter uses it again when it repeats the submit.

#pragma once

#include "core/base/digest.hpp"

#include <cstdint>
#include <string>

namespace sluice {

struct submit_ticket {
  std::string key;              ///< a UUID, used only for this batch's submit
  sha256_digest hash{};         ///< of the request sent with the key
  int64_t first_sent_at_ms = 0; ///< wall clock, before the first POST
};

} // namespace sluice

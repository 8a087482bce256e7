// The request that submits a batch, and the ticket that lets it be repeated.
// Both are made from the same order, so that a repeat can be compared with the
// first request.

#pragma once

#include "core/api/api_calls.hpp"
#include "core/api/api_profile.hpp"
#include "core/model/submit_ticket.hpp"

#include <string>

namespace sluice {

/// `api_key` is empty if the profile needs none. Errors: as `make_submit`.
[[nodiscard]] caf::expected<http_request>
submit_request(const api_profile& profile, const submit_order& order,
               const std::string& api_key);

/// A ticket with a new key for `order`, first sent now. REQUIRES: the profile
/// has `submit.idempotency`; `order` has no ticket. Errors: as `make_submit`
/// and `random_uuid`, and those of reading the API key.
[[nodiscard]] caf::expected<submit_ticket>
new_ticket(const api_profile& profile, const submit_order& order,
           const secret& api_key, int64_t now_ms);

} // namespace sluice

#include "core/api/submit_request.hpp"

#include "core/api/request_template.hpp"
#include "core/api/submit_proof.hpp"
#include "core/model/submit_ticket.hpp"

#include <cassert>

namespace sluice {

caf::expected<http_request> submit_request(const api_profile& profile,
                                           const submit_order& order,
                                           const std::string& api_key) {
  assert(order.urls && !order.urls->empty());
  template_values values;
  values.text["robot"] = order.robot;
  values.urls.assign(order.urls->begin(), order.urls->end());
  values.budget = order.budget;
  if (order.ticket)
    values.idempotency_key = order.ticket->key;
  return make_submit(profile, values, api_key);
}

caf::expected<submit_ticket> new_ticket(const api_profile& profile,
                                        const submit_order& order,
                                        const secret& api_key, int64_t now_ms) {
  assert(profile.submit.idempotency && !order.ticket);
  auto uuid = random_uuid();
  if (!uuid)
    return uuid.error();
  std::string key;
  if (profile.auth.in != auth_scheme::place::none) {
    auto found = api_key();
    if (!found)
      return found.error();
    key = std::move(*found);
  }
  submit_ticket ticket{std::move(*uuid), {}, now_ms};
  auto first = order;
  first.ticket = ticket;
  auto request = submit_request(profile, first, key);
  if (!request)
    return request.error();
  ticket.hash = hash_of(*request);
  return ticket;
}

} // namespace sluice

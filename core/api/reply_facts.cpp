#include "core/api/reply_facts.hpp"

#include "core/api/reply_reader.hpp"
#include "core/http/quota_headers.hpp"

namespace sluice {

reply_facts facts_of(const api_profile& profile, const http_reply& reply) {
  return {.status = reply.status,
          .latency = reply.latency,
          .retry_after = retry_hint(profile, reply),
          .quota = left_of_quota(reply),
          .hopeless = reply.hopeless,
          .hopeless_after = reply.hopeless_after};
}

} // namespace sluice

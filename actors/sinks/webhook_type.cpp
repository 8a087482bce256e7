// The registry's entry for the sink `webhook`: its fields, its page in the
// manual, and its connection to the network.

#include "actors/sinks/dead_letter_log.hpp"
#include "actors/sinks/null.hpp"
#include "actors/sinks/position.hpp"
#include "actors/sinks/sink_list.hpp"
#include "actors/sinks/webhook.hpp"
#include "actors/sinks/webhook_probe.hpp"
#include "core/http/http_transport.hpp"

namespace sluice {

namespace {

/// Only the status and the first words of a reply matter.
constexpr size_t max_reply = 64 * 1024;

/// Sends over the network. The transport is made at the first exchange.
webhook_ports network(std::chrono::milliseconds timeout) {
  auto exchange = [timeout, transport = std::shared_ptr<http_transport>{}](
                    const http_request& request) mutable {
    if (!transport) {
      transport_options options;
      options.timeout = timeout;
      options.max_body = max_reply;
      transport = std::make_shared<http_transport>(std::move(options));
    }
    return transport->exchange(request);
  };
  return {exchange, [] { return time_point::clock::now(); }};
}

/// What `judge_webhook` decides, for the manual.
constexpr const char* answers =
  R"(| the receiver answers | what follows |
|---|---|
| 2xx | the captures are delivered |
| 400, 413, 422 | the delivery is halved until the bad capture is found, which goes to `dead_letter`; without that file, the job stops with exit code 5 |
| 408, 425, 429, 5xx, or not at all | the delivery is repeated after growing pauses, at least as long as `Retry-After` asks (at most 5 minutes); after `max_down` without success, `on_down` applies |
| anything else, such as 401, 404, or a redirect, which is not followed | the job stops with exit code 5 and says what to check; nothing is lost, and the same command continues the job |

Each delivery has an `Idempotency-Key` header, which is the same whenever the same captures are delivered
again, even by the job's next process. A receiver that remembers the keys accepts each delivery once.
)";

std::unique_ptr<sink>
make_webhook(const sink_context& context, const config::section& fields) {
  auto options = read_webhook_options(fields);
  auto ports = network(options.timeout);
  return make_webhook_sink(context, std::move(options), std::move(ports));
}

caf::error
check_webhook(const sink_context& context, const config::section& fields) {
  return check_webhook_options(context, read_webhook_options(fields));
}

probe_result probe_webhook_sink(const sink_context&,
                                const config::section& fields,
                                std::chrono::milliseconds limit) {
  return probe_webhook(read_webhook_options(fields), limit);
}

} // namespace

sink_type webhook_sink_type() {
  return {{"webhook",
           "Posts captures to a URL, in signed batches, each at least once.",
           webhook_fields(), answers},
          make_webhook,
          make_null_sink,
          check_webhook,
          check_first_dead_letters,
          cut_back_dead_letters,
          check_kept_dead_letters,
          give_up_dead_letters,
          has_content_by,
          given_up_in,
          {},
          probe_webhook_sink};
}

} // namespace sluice

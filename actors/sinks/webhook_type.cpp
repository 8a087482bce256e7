#include "actors/sinks/null.hpp"
#include "actors/sinks/webhook.hpp"
#include "core/http_transport.hpp"

namespace sluice {

namespace {

/// Only the status of a reply matters, and its first words.
constexpr size_t max_reply = 64 * 1024;

/// The network; nothing is set up before the first exchange.
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

std::unique_ptr<sink>
make(const sink_context& context, const config::section& fields) {
  auto options = read_webhook_options(fields);
  auto ports = network(options.timeout);
  return make_webhook_sink(context, std::move(options), std::move(ports));
}

caf::error check(const sink_context& context, const config::section& fields) {
  return check_webhook_options(context, read_webhook_options(fields));
}

} // namespace

sink_type webhook_sink_type() {
  return {{"webhook",
           "Posts captures to an address, in signed batches, each at least "
           "once.",
           webhook_fields()},
          make,
          make_null_sink,
          check};
}

} // namespace sluice

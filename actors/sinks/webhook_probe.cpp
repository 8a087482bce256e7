#include "actors/sinks/webhook_probe.hpp"

#include "core/http/http_connection.hpp"
#include "core/http/request_head.hpp"

#include <utility>

namespace sluice {

namespace {

std::string name_of(const http_origin& origin) {
  return printable(authority_of(origin.host, origin.port), 100);
}

caf::error connect_to(const http_origin& origin,
                      std::chrono::milliseconds limit, resolver resolve) {
  connection_target target{origin, std::nullopt};
  if (origin.tls) {
    auto context = tls_context::shared({});
    if (!context)
      return context.error();
    target.context = std::move(*context);
  }
  stop_switch never;
  connector connecting{std::move(resolve)};
  auto opened = http_connection::open(
    target, connecting, http_connection::clock::now() + limit, never);
  return opened ? caf::error{} : opened.error();
}

} // namespace

probe_result probe_webhook(const webhook_options& options,
                           std::chrono::milliseconds limit, resolver resolve) {
  auto origin = origin_of(options.url);
  if (!origin)
    return {probe_state::failure, "'url' is not an http or https URL; run "
                                  "`sluice check` without --online"};
  if (auto err = connect_to(*origin, limit, std::move(resolve)))
    return {probe_state::failure,
            what_of(err)
              + "; check that the receiver is running, and check 'url'"};
  return {probe_state::ok,
          name_of(*origin) + " can be reached"
            + (origin->tls ? ", and its certificate is trusted" : "")
            + "; nothing was sent"};
}

} // namespace sluice

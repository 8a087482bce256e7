// The sink `webhook`: posts captures to a URL, in batches. `webhook_type.cpp`
// connects it to the network; tests give it other ports.

#pragma once

#include "actors/sinks/sink.hpp"
#include "actors/sinks/webhook_options.hpp"
#include "core/base/time.hpp"
#include "core/http/http_message.hpp"

#include <functional>
#include <memory>

namespace sluice {

/// What a webhook needs from its environment.
struct webhook_ports {
  /// Makes one exchange, within the options' timeout; does not follow
  /// redirects.
  std::function<http_reply(const http_request&)> exchange;
  std::function<time_point()> now;
};

[[nodiscard]] std::unique_ptr<sink>
make_webhook_sink(const sink_context& context, webhook_options options,
                  webhook_ports ports);

} // namespace sluice

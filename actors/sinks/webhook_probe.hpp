// Checks whether a webhook's receiver can be reached, without a delivery.

#pragma once

#include "actors/sinks/webhook_options.hpp"
#include "core/http/connect.hpp"
#include "core/model/probe_result.hpp"

#include <chrono>

namespace sluice {

/// Connects to the receiver, with TLS if its URL is https, and hangs up without
/// sending a request. Only the name lookup may take longer than `limit`.
[[nodiscard]] probe_result probe_webhook(const webhook_options& options,
                                         std::chrono::milliseconds limit,
                                         resolver resolve = resolve_name);

} // namespace sluice

// Whether a webhook's receiver can be reached, found out without a delivery.

#pragma once

#include "actors/sinks/webhook_options.hpp"
#include "core/http/connect.hpp"
#include "core/model/probe_result.hpp"

#include <chrono>

namespace sluice {

/// Connects to the receiver, with TLS where its address says so, and hangs up:
/// no request is sent. Only looking up its name may take longer than `limit`.
[[nodiscard]] probe_result probe_webhook(const webhook_options& options,
                                         std::chrono::milliseconds limit,
                                         resolver resolve = resolve_name);

} // namespace sluice

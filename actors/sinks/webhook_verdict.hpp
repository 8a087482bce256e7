// What a webhook's reply to a delivery means, as a table.

#pragma once

#include "core/http/http_message.hpp"

#include <chrono>
#include <string>

namespace sluice {

enum class webhook_action {
  delivered, ///< 2xx
  halve,     ///< 400, 413, 422: a capture is bad; find it
  retry,     ///< 408, 425, 429, 5xx, incomplete reply: send it again later
  stop,      ///< all others: wrong URL or credentials
};

struct webhook_verdict {
  webhook_action action = webhook_action::retry;
  std::string message; ///< what happened, printable: "answered 503: …"
  std::string hint;    ///< for stop: what to do about it, a sentence
  /// For retry: the minimum wait that the receiver asked for, at most
  /// `longest_webhook_wait`; zero if it asked for none.
  std::chrono::milliseconds wait{0};
};

inline constexpr std::chrono::milliseconds longest_webhook_wait{300'000};

/// Pure.
[[nodiscard]] webhook_verdict judge_webhook(const http_reply& reply);

} // namespace sluice

// What a webhook's reply to a delivery means, as a table.

#pragma once

#include "core/http/http_message.hpp"

#include <chrono>
#include <string>

namespace sluice {

enum class webhook_action {
  delivered, ///< 2xx
  halve,     ///< 400, 413, 422: one of the captures is bad; find it
  retry,     ///< 408, 425, 429, 5xx, no whole reply: the same again, later
  stop,      ///< everything else: wrong address or credentials
};

struct webhook_verdict {
  webhook_action action = webhook_action::retry;
  std::string message; ///< what happened, printable: "answered 503: …"
  std::string hint;    ///< when stop: what to do about it, a sentence
  /// When retry: the least wait that the receiver asked for, clamped to
  /// `longest_webhook_wait`; zero without one.
  std::chrono::milliseconds wait{0};
};

inline constexpr std::chrono::milliseconds longest_webhook_wait{300'000};

/// Pure.
[[nodiscard]] webhook_verdict judge_webhook(const http_reply& reply);

} // namespace sluice

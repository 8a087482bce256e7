// The whole reply to a request that is not served, without the library: its
// connection is closed after it.

#pragma once

#include "core/http/server/request_head.hpp"

#include <functional>
#include <string>

namespace sluice::web {

/// How a server words why it does not serve.
struct refusal_form {
  const char* type = "text/plain; charset=utf-8";
  std::function<std::string(const refusal&)> body;
};

/// The reason on a line of its own.
[[nodiscard]] refusal_form plain_refusal();

[[nodiscard]] std::string
refusal_text(const refusal& why, const refusal_form& form);

} // namespace sluice::web

// The complete reply to a request that is not served, written without the
// library. The lobby sends it and closes the connection.

#pragma once

#include "core/http/server/request_head.hpp"

#include <functional>
#include <string>

namespace sluice::web {

/// How a server formats its refusals.
struct refusal_form {
  const char* type = "text/plain; charset=utf-8";
  std::function<std::string(const refusal&)> body;
};

/// Plain text: the reason on one line.
[[nodiscard]] refusal_form plain_refusal();

[[nodiscard]] std::string
refusal_text(const refusal& why, const refusal_form& form);

} // namespace sluice::web

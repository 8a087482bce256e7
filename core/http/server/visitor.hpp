// A connection between requests: its socket, and the bytes of the next one.

#pragma once

#include "core/base/file_descriptor.hpp"
#include "core/http/server/request_head.hpp"

#include <string>

namespace sluice::web {

struct visitor {
  file_descriptor socket{};
  std::string
    bytes{}; ///< received and unused; all but the body's belong to `head`
  request_head head = request_head{};
};

/// Receives what `socket` has, without waiting, and parses it as a head. False
/// if the client closed. `bytes` never exceed the largest head.
[[nodiscard]] bool receive_head(int socket, visitor& from);

} // namespace sluice::web

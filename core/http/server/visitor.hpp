// A connection between requests: its socket, and what came of the next one.

#pragma once

#include "core/base/file_descriptor.hpp"
#include "core/http/server/request_head.hpp"

#include <string>

namespace sluice::web {

struct visitor {
  file_descriptor socket{};
  std::string
    bytes{}; ///< received, not used yet; all but a body's are `head`'s
  request_head head = request_head{};
};

/// Receives what `socket` has, waiting for nothing, and reads it as a head.
/// False when the client has closed. `bytes` never grow past the largest head.
[[nodiscard]] bool receive_head(int socket, visitor& from);

} // namespace sluice::web

// A connection between requests: its socket, and the bytes of the next one. The
// lobby passes it to the `worker_pool` once a head is complete, and gets it
// back after the reply if it stays open.

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

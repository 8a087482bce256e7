// Limits on the resources that clients of an `http_shell` can use. The status
// page and the simulator each set their own.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sluice::web {

/// The defaults suit an API with many workers as clients.
struct shell_limits {
  size_t threads = 96;       ///< each serves one request at a time
  size_t most_queued = 256;  ///< requests waiting for a thread
  size_t most_waiting = 512; ///< connections that need no thread
  bool keep_alive = true;    ///< false: one request per connection

  /// For a complete head, from the accept or from the head's first byte.
  std::chrono::milliseconds head_time{5'000};
  std::chrono::milliseconds idle_time{300'000}; ///< between two requests
  std::chrono::milliseconds body_time{10'000};  ///< for a complete body
  /// For progress on a reply that is written as it is produced. A client may
  /// pause while its own receiver is stuck.
  std::chrono::milliseconds write_time{3'600'000};
  /// For sending a complete reply that was kept.
  std::chrono::milliseconds reply_time{5'000};

  uint64_t most_body = 1 << 20;
  /// A reply of up to this many bytes is kept and sent without a thread, so no
  /// client can block the writer. 0: written as it is produced.
  size_t most_kept = 0;
  size_t most_unsent = 8 << 20; ///< all kept replies together
};

} // namespace sluice::web

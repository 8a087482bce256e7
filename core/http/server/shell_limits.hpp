// What clients may take of a server.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sluice::web {

/// The defaults are those of an API that many workers ask.
struct shell_limits {
  size_t threads = 96;       ///< each serves one request
  size_t most_queued = 256;  ///< requests that wait for a thread
  size_t most_waiting = 512; ///< connections that no thread is needed for
  bool keep_alive = true;    ///< else one request a connection

  /// For a whole head, from the connection's begin or the head's first byte.
  std::chrono::milliseconds head_time{5'000};
  std::chrono::milliseconds idle_time{300'000}; ///< between two requests
  std::chrono::milliseconds body_time{10'000};  ///< for a whole body
  /// For some more of a reply that is written as it comes. A client may let
  /// its page wait while its own receiver is stuck.
  std::chrono::milliseconds write_time{3'600'000};
  /// For a whole reply that was kept.
  std::chrono::milliseconds reply_time{5'000};

  uint64_t most_body = 1 << 20;
  /// A reply of up to so many bytes is kept and sent without a thread, so that
  /// no client makes its writer wait. 0: it is written as it comes.
  size_t most_kept = 0;
  size_t most_unsent = 8 << 20; ///< of all replies that are kept
};

} // namespace sluice::web

// One HTTP exchange, free of any library's types.

#pragma once

#include "core/base/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

struct http_request {
  std::string method = "GET";
  std::string url; ///< absolute
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string content_type;
  /// Open a connection for this request alone: on a reused one a server's
  /// idle close cannot be told from a lost reply.
  bool fresh_connection = false;
};

/// Takes a long body piece by piece, where it would not fit into memory.
struct body_receiver {
  size_t max_bytes = 0;                       ///< a longer one is too large
  std::function<bool(std::string_view)> take; ///< false: no more of it
};

/// How far an exchange came.
enum class transport_outcome {
  complete,  ///< a whole reply was read
  not_sent,  ///< refused, name not resolved, TLS failed: the request never left
  broken,    ///< timeout, reset, truncation: what the server did is unknown
  too_large, ///< the body exceeds the cap; reading was given up
};

struct http_reply {
  transport_outcome outcome = transport_outcome::broken;
  int status = 0;
  /// Names in lower case; a repeated header keeps its first value, but for
  /// those that are lists: they have all of them.
  std::map<std::string, std::string> headers;
  std::string body;
  std::string detail; ///< what the transport says of a failure
  /// Not sent, and so it will be until somebody acts: there is no such host,
  /// its certificate is not trusted, the authorities cannot be read.
  bool hopeless = false;
  /// Only once that has lasted so long: what is wrong may be this machine's
  /// clock, which is not set at once after a start.
  duration hopeless_after{0};
  /// The head said where the body ends; else the connection's end did.
  bool framed = true;
  /// From calling to the reply's headers.
  duration latency{0};
  /// When the headers came, by this machine's clock.
  std::chrono::system_clock::time_point received{};

  /// nullptr when there is none. `name` is in lower case.
  [[nodiscard]] const std::string* header(const std::string& name) const {
    auto found = headers.find(name);
    return found == headers.end() ? nullptr : &found->second;
  }
};

} // namespace sluice

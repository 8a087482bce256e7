// An HTTP request and its reply, independent of any HTTP library: what core/api
// and the sink `webhook` exchange with `http_transport`.

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
  /// Use a new connection for this request only. On a reused one, an idle close
  /// by the server looks the same as a lost reply.
  bool fresh_connection = false;
};

/// Receives a body piece by piece if it is too long to hold in memory.
struct body_receiver {
  size_t max_bytes = 0;                       ///< a longer body is too large
  std::function<bool(std::string_view)> take; ///< return false to stop
};

/// How an exchange ended.
enum class transport_outcome {
  complete,  ///< a complete reply was read
  not_sent,  ///< no connection, name or TLS: the request never left
  broken,    ///< timeout, reset, truncation: what the server did is unknown
  too_large, ///< the body exceeds the limit and was not read further
};

struct http_reply {
  transport_outcome outcome = transport_outcome::broken;
  int status = 0;
  /// Names in lower case. A repeated header keeps its first value, but a list
  /// header keeps all its values.
  std::map<std::string, std::string> headers;
  std::string body;
  std::string detail; ///< the transport's explanation of a failure
  /// The request was not sent, and retrying is useless until the user acts: no
  /// such host, an untrusted certificate, an unreadable CA file.
  bool hopeless = false;
  /// If not zero, `hopeless` holds only after the failure has lasted this long:
  /// the cause may be this machine's clock, which is set only some time after
  /// boot.
  duration hopeless_after{0};
  /// True if the head declared where the body ends; false if the body ended
  /// with the connection.
  bool framed = true;
  /// From the call to the reply's headers.
  duration latency{0};
  /// When the headers arrived, by this machine's clock.
  std::chrono::system_clock::time_point received{};

  /// The value of a header, or nullptr. `name` is in lower case.
  [[nodiscard]] const std::string* header(const std::string& name) const {
    auto found = headers.find(name);
    return found == headers.end() ? nullptr : &found->second;
  }
};

} // namespace sluice

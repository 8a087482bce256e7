// Sends requests over an http_transport to servers in this process.

#pragma once

#include "core/http/http_transport.hpp"
#include "tests/support/scripted_server.hpp"

#include <string>

namespace sluice::test {

using outcome = transport_outcome;
using then = scripted_reply::then;

/// Long enough for a loaded machine. Only the tests of the deadline wait for
/// it.
inline transport_options patient() {
  transport_options options;
  options.timeout = std::chrono::seconds{20};
  return options;
}

inline transport_options hasty() {
  transport_options options;
  options.timeout = std::chrono::milliseconds{150};
  return options;
}

inline http_request get(const std::string& url) {
  http_request request;
  request.url = url;
  return request;
}

inline http_request post(const std::string& url) {
  http_request request;
  request.method = "POST";
  request.url = url;
  request.body = R"({"urls":["u"]})";
  request.content_type = "application/json";
  request.fresh_connection = true;
  return request;
}

/// The reply to a request like `like`, a GET unless given, that the server
/// answers with `reply`.
inline http_reply ask(scripted_reply reply,
                      transport_options options = patient(),
                      const http_request& like = {}) {
  scripted_server server{{{std::move(reply)}}};
  http_transport transport{std::move(options)};
  auto request = like;
  request.url = server.base() + "/x";
  return transport.exchange(request);
}

/// A 200 whose body consists of these chunks.
inline std::string chunked(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
}

} // namespace sluice::test

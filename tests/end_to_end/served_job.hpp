// A job that is served while it runs, and clients that read it.

#pragma once

#include "tests/end_to_end/slow_job.hpp"

#include <httplib.h>

#include <string>

namespace sluice::test {

/// Waits until `running` serves and returns its address, such as
/// "http://127.0.0.1:4711/". Fails the test if it does not.
[[nodiscard]] std::string wait_for_page(const program& running);

/// The port in an address.
[[nodiscard]] int port_in(const std::string& url);

/// The body of a GET, which must be answered with `status`.
[[nodiscard]] std::string
body_of(int port, const std::string& path, int status = 200);

/// The first bytes of an endless body, until they contain `text`.
[[nodiscard]] std::string
stream_until(int port, const std::string& path, const std::string& text);

/// A connected client that sends `request`, then neither reads nor closes.
class stuck_client {
public:
  explicit stuck_client(int port, const std::string& request = {});
  ~stuck_client();
  stuck_client(const stuck_client&) = delete;
  stuck_client& operator=(const stuck_client&) = delete;

private:
  int socket_;
};

} // namespace sluice::test

// A server that uses an input as its reply.

#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace sluice::fuzz {

class byte_server {
public:
  /// Listens on a free port of 127.0.0.1 as long as the process lives.
  byte_server();
  ~byte_server();
  byte_server(const byte_server&) = delete;
  byte_server& operator=(const byte_server&) = delete;

  /// From now on, each connection gets `bytes` and is then closed.
  void answer(std::string_view bytes);

  [[nodiscard]] const std::string& url() const { return url_; }

private:
  void serve();

  int listener_;
  std::string url_;
  std::mutex mutex_;
  std::string bytes_;
  std::thread thread_;
};

} // namespace sluice::fuzz

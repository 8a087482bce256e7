// A webhook receiver on a free local port.

#pragma once

#include <httplib.h>

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sluice::test {

class webhook_server {
public:
  /// Answers every POST to /hook. Called from the server's threads, one at a
  /// time.
  using handler =
    std::function<void(const httplib::Request&, httplib::Response&)>;

  explicit webhook_server(handler answer) {
    server_.Post("/hook", [this, answer](const auto& request, auto& response) {
      std::lock_guard guard{mutex_};
      requests_.push_back(request);
      answer(request, response);
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
    while (!server_.is_running())
      std::this_thread::yield();
  }
  ~webhook_server() {
    server_.stop();
    thread_.join();
  }
  webhook_server(const webhook_server&) = delete;
  webhook_server& operator=(const webhook_server&) = delete;

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/hook";
  }

  [[nodiscard]] std::vector<httplib::Request> requests() {
    std::lock_guard guard{mutex_};
    return requests_;
  }

  [[nodiscard]] std::vector<std::string> bodies() {
    std::vector<std::string> out;
    for (const auto& request : requests())
      out.push_back(request.body);
    return out;
  }

private:
  httplib::Server server_;
  std::mutex mutex_;
  std::vector<httplib::Request> requests_;
  int port_ = 0;
  std::thread thread_;
};

} // namespace sluice::test

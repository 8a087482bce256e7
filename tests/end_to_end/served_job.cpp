#include "tests/end_to_end/served_job.hpp"

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <regex>
#include <thread>

namespace sluice::test {

using namespace std::chrono_literals;

std::string wait_for_page(const program& running) {
  for (auto tries = 0; tries < 3'000; ++tries) {
    auto text = running.errors();
    std::smatch match;
    if (std::regex_search(text, match,
                          std::regex{"(http://127.0.0.1:[0-9]+/)"}))
      return match[1];
    std::this_thread::sleep_for(5ms);
  }
  FAIL("no page is served: " << running.errors());
  return {};
}

int port_in(const std::string& url) {
  return std::stoi(url.substr(url.rfind(':') + 1));
}

std::string body_of(int port, const std::string& path, int status) {
  httplib::Client client{"127.0.0.1", port};
  auto reply = client.Get(path);
  INFO(path);
  REQUIRE(reply);
  CHECK(reply->status == status);
  return reply->body;
}

std::string
stream_until(int port, const std::string& path, const std::string& text) {
  httplib::Client client{"127.0.0.1", port};
  std::string got;
  client.Get(path, [&](const char* data, size_t size) {
    got.append(data, size);
    return got.find(text) == std::string::npos;
  });
  return got;
}

stuck_client::stuck_client(int port, const std::string& request)
    : socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto small = 1'024;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  REQUIRE(
    ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address)
    == 0);
  REQUIRE(::send(socket_, request.data(), request.size(), 0)
          == static_cast<ssize_t>(request.size()));
}

stuck_client::~stuck_client() {
  ::close(socket_);
}

} // namespace sluice::test

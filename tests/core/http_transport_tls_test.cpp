#include "tests/core/transport_fixture.hpp"
#include "tests/support/self_signed.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>
#include <httplib.h>

#include <atomic>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// An https server with a certificate of nobody's authority.
class tls_server {
public:
  tls_server() : server_{identity_.certificate(), identity_.key()} {
    server_.Get("/x", [this](const httplib::Request&, httplib::Response& res) {
      ++served_;
      res.set_content(std::string(300'000, 'x'), "text/plain");
    });
    server_.set_keep_alive_timeout(1);
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
    while (!server_.is_running())
      std::this_thread::yield();
  }

  ~tls_server() {
    server_.stop();
    thread_.join();
  }

  std::string url() const {
    return "https://127.0.0.1:" + std::to_string(port_) + "/x";
  }
  const self_signed& identity() const { return identity_; }
  int served() const { return served_; }

private:
  self_signed identity_;
  httplib::SSLServer server_;
  std::atomic<int> served_{0};
  int port_ = 0;
  std::thread thread_;
};

} // namespace

TEST_CASE("a TLS server nobody vouches for is sent nothing") {
  tls_server server;
  http_transport transport{patient()};
  auto reply = transport.exchange(get(server.url()));
  CHECK(reply.outcome == outcome::not_sent);
  CHECK_THAT(reply.detail, Catch::Contains("api.ca_file"));
  CHECK(server.served() == 0);
}

TEST_CASE("ca_file vouches for a TLS server, and reads keep its connection") {
  tls_server server;
  temp_folder folder;
  fill(folder / "ca.pem", server.identity().pem());
  auto options = patient();
  options.ca_file = (folder / "ca.pem").string();
  http_transport transport{options};
  for (int i = 0; i < 3; ++i) {
    auto reply = transport.exchange(get(server.url()));
    CHECK(reply.outcome == outcome::complete);
    CHECK(reply.body.size() == 300'000);
  }
  options.ca_file = (folder / "absent.pem").string();
  http_transport without{options};
  auto reply = without.exchange(get(server.url()));
  CHECK(reply.outcome == outcome::not_sent);
  CHECK_THAT(reply.detail, Catch::Contains("api.ca_file"));
}

TEST_CASE("the deadline holds for a TLS handshake that never ends") {
  // The server waits for an HTTP request's end that the handshake lacks.
  scripted_server server{{{{"", then::hang}}}};
  http_transport transport{hasty()};
  auto begin = std::chrono::steady_clock::now();
  auto reply = transport.exchange(
    get("https://127.0.0.1:" + std::to_string(server.port())));
  CHECK(reply.outcome == outcome::not_sent);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

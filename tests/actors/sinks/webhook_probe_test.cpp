#include "actors/sinks/webhook_probe.hpp"
#include "tests/support/dead_listener.hpp"
#include "tests/support/scripted_server.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

probe_result probe(const std::string& url,
                   std::chrono::milliseconds limit = 20s,
                   resolver resolve = resolve_name) {
  webhook_options options;
  options.url = url;
  return probe_webhook(options, limit, std::move(resolve));
}

} // namespace

TEST_CASE("a reachable receiver is sent nothing") {
  scripted_server server{{{{http_text(204, "")}}}};
  auto result = probe(server.base() + "/hook?token=secret-token");
  CHECK(result.state == probe_state::ok);
  CHECK_THAT(result.text, Catch::Contains("nothing was sent")
                            && !Catch::Contains("secret-token"));
  CHECK(server.bytes_read_at_end() == 0U);
  CHECK(server.connections() == 1);
}

TEST_CASE("an unreachable receiver is a failure") {
  auto port = std::to_string(unused_port());
  auto result = probe("http://127.0.0.1:" + port + "/hook");
  CHECK(result.state == probe_state::failure);
  CHECK_THAT(result.text, Catch::Contains(port));
}

TEST_CASE("a receiver with an untrusted certificate is a failure") {
  auto proof = identity::self_signed({.names = "IP:127.0.0.1"});
  scripted_server server{{{{http_text(204, "")}}}, &proof};
  auto result =
    probe("https://127.0.0.1:" + std::to_string(server.port()) + "/");
  CHECK(result.state == probe_state::failure);
  CHECK_THAT(result.text, Catch::Contains("certificate"));
}

TEST_CASE("a silent receiver fails at the time limit") {
  dead_listener silent;
  auto result =
    probe("http://hooks.test/", 100ms, [&](const std::string&, uint16_t) {
      return address_list{silent.address()};
    });
  CHECK(result.state == probe_state::failure);
}

// Bodies that do not fit in memory.

#include "tests/core/http/transport_fixture.hpp"

#include <catch2/catch.hpp>
#include <httplib.h>

#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// The reply to a GET that the server answers with `reply`. The body of a 200
/// goes to `taken`.
http_reply receive(scripted_reply reply, size_t max_bytes, std::string& taken,
                   size_t most_wanted = SIZE_MAX) {
  scripted_server server{{{std::move(reply)}}};
  http_transport transport{patient()};
  body_receiver receiver{max_bytes, [&](std::string_view bytes) {
                           taken += bytes;
                           return taken.size() <= most_wanted;
                         }};
  return transport.exchange(get(server.base() + "/x"), receiver);
}

} // namespace

TEST_CASE("a receiver takes only the body of a 200") {
  std::string taken;
  auto reply = receive({http_text(200, "content"), then::close}, 7, taken);
  CHECK(reply.outcome == outcome::complete);
  CHECK(reply.body.empty());
  CHECK(taken == "content");
  taken.clear();
  reply = receive({http_text(403, "expired"), then::close}, 7, taken);
  CHECK(reply.outcome == outcome::complete);
  CHECK(reply.body == "expired");
  CHECK(taken.empty());
}

TEST_CASE("a receiver is not given more than its cap") {
  std::string taken;
  auto announced = http_text(200, "content");
  auto counted = chunked("3\r\nabc\r\n3\r\ndef\r\n1\r\ng\r\n0\r\n\r\n");
  for (const auto& bytes : {announced, counted}) {
    taken.clear();
    CHECK(receive({bytes, then::close}, 6, taken).outcome
          == outcome::too_large);
    CHECK(taken.size() <= 6);
  }
}

TEST_CASE("a receiver that wants no more data ends the exchange") {
  std::string taken;
  auto counted = chunked("3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n");
  auto reply = receive({counted, then::close}, 100, taken, 2);
  CHECK(reply.outcome == outcome::broken);
  CHECK(taken == "abc");
  CHECK_THAT(reply.detail, Catch::Contains("abandoned by its receiver"));
}

TEST_CASE("a receiver's deadline is extended with every MiB") {
  httplib::Server server;
  server.Get("/x", [](const httplib::Request&, httplib::Response& response) {
    response.set_chunked_content_provider(
      "application/octet-stream",
      [left = 12](size_t, httplib::DataSink& sink) mutable {
        if (left-- == 0) {
          sink.done();
          return true;
        }
        // Real time, because the deadline applies to a blocking socket call.
        std::this_thread::sleep_for(100ms);
        std::string part(1 << 20, 'x');
        return sink.write(part.data(), part.size());
      });
  });
  auto port = server.bind_to_any_port("127.0.0.1");
  std::thread serving{[&] { server.listen_after_bind(); }};
  auto options = patient();
  options.timeout = 1s;
  http_transport transport{options};
  size_t taken = 0;
  body_receiver receiver{12 << 20, [&](std::string_view bytes) {
                           taken += bytes.size();
                           return true;
                         }};
  auto request = get("http://127.0.0.1:" + std::to_string(port) + "/x");
  request.fresh_connection = true;
  auto reply = transport.exchange(request, receiver);
  server.stop();
  serving.join();
  CHECK(reply.outcome == outcome::complete);
  CHECK(taken == 12 << 20);
}

#include "core/http_transport.hpp"
#include "tests/support/scripted_server.hpp"
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

using outcome = transport_outcome;
using then = scripted_reply::then;

/// Long enough for a loaded machine; no test waits for it but those of the
/// deadline.
transport_options patient() {
  transport_options options;
  options.timeout = 20s;
  return options;
}

transport_options hasty() {
  transport_options options;
  options.timeout = 150ms;
  return options;
}

http_request get(const std::string& url) {
  http_request request;
  request.url = url;
  return request;
}

http_request post(const std::string& url) {
  http_request request;
  request.method = "POST";
  request.url = url;
  request.body = R"({"urls":["u"]})";
  request.content_type = "application/json";
  request.fresh_connection = true;
  return request;
}

/// The reply to one GET answered by `reply`.
http_reply ask(scripted_reply reply, transport_options options = patient()) {
  scripted_server server{{{std::move(reply)}}};
  http_transport transport{std::move(options)};
  return transport.exchange(get(server.base() + "/x"));
}

std::string chunked(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
}

} // namespace

TEST_CASE("a whole reply arrives with its status, headers and body") {
  struct row {
    std::string bytes;
    int status;
    std::string body;
  };
  for (const auto& [bytes, status, body] : {
         row{json_text("{}"), 200, "{}"},
         row{http_text(200, ""), 200, ""},
         row{http_text(502, "<html>"), 502, "<html>"},
         row{http_text(301, "", {"Location: http://x/"}), 301, ""},
         row{"HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
         row{chunked("3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n"), 200, "[1,2]"},
         row{"HTTP/1.1 100 Continue\r\n\r\n" + json_text("[]"), 200, "[]"},
         row{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[7]", 200, "[7]"},
       }) {
    CAPTURE(bytes);
    auto reply = ask({bytes, then::close});
    CHECK(reply.outcome == outcome::complete);
    CHECK(reply.status == status);
    CHECK(reply.body == body);
    CHECK(reply.detail.empty());
    CHECK(reply.latency > duration{0});
  }
}

TEST_CASE(
  "header names are in lower case, a repeated one has its first value") {
  auto reply = ask({http_text(200, "", {"X-Total: 1", "x-TOTAL: 2"})});
  CHECK(reply.headers.at("x-total") == "1");
}

TEST_CASE("a compressed body arrives decompressed") {
  std::string gzip{
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x8b\x36\xd4\x31\x8a"
    "\x05\x00\xbf\x50\x8b\x08\x05\x00\x00\x00",
    25};
  auto reply = ask({http_text(200, gzip, {"Content-Encoding: gzip"})});
  CHECK(reply.outcome == outcome::complete);
  CHECK(reply.body == "[1,2]");
}

TEST_CASE("a reply cut short is broken, never complete") {
  for (const auto& bytes : {
         std::string{},
         std::string{"HTTP/1.1"},
         std::string{"HTTP/1.1 201 Created\r\n"},
         std::string{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"},
         std::string{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"},
         std::string{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"id\":1}"},
         chunked(""),
         chunked("5"),
         chunked("5\r\n[1,2]"),
         chunked("5\r\n[1,2]\r"),
         chunked("5\r\n[1,2]\r\n"),
         chunked("5\r\n[1,2]\r\n0\r\n"),
         chunked("zz\r\n[1,2]\r\n0\r\n\r\n"),
         std::string{"SSH-2.0-OpenSSH\r\n\r\n"},
       }) {
    CAPTURE(bytes);
    auto end = GENERATE(then::close, then::reset);
    auto reply = ask({bytes, end});
    CHECK(reply.outcome == outcome::broken);
    CHECK_THAT(reply.detail, Catch::Contains("127.0.0.1"));
  }
}

TEST_CASE("a reply whose lengths contradict each other is broken") {
  for (auto lines : {"Content-Length: 2\r\nContent-Length: 3",
                     "Content-Length: 2\r\nTransfer-Encoding: chunked",
                     "Content-Length: two", "Content-Length: -2"}) {
    auto reply =
      ask({std::string{"HTTP/1.1 200 OK\r\n"} + lines + "\r\n\r\n{}"});
    CHECK(reply.outcome == outcome::broken);
    CHECK_THAT(reply.detail, Catch::Contains("lengths"));
  }
}

TEST_CASE("a body above the cap is given up, also one that only announces it") {
  auto options = patient();
  options.max_body = 100;
  auto body = std::string(101, 'x');
  for (const auto& bytes :
       {http_text(200, body), chunked("65\r\n" + body + "\r\n0\r\n\r\n"),
        "HTTP/1.1 200 OK\r\n\r\n" + body,
        std::string{
          "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"}}) {
    auto reply = ask({bytes, then::hang}, options);
    CHECK(reply.outcome == outcome::too_large);
    CHECK(reply.status == 200);
    CHECK_THAT(reply.detail, Catch::Contains("100 bytes"));
  }
  CHECK(ask({http_text(200, std::string(100, 'x'))}, options).outcome
        == outcome::complete);
}

TEST_CASE("an endless head or encoding is given up, and crashes nothing") {
  std::string status_line = "HTTP/1.1 200 " + std::string(300'000, 'a');
  std::string late_status_line = "HTTP/1.1 100 Continue\r\n\r\n" + status_line;
  std::string header_line =
    "HTTP/1.1 200 OK\r\nX: " + std::string(300'000, 'a');
  std::string headers = "HTTP/1.1 200 OK\r\n";
  while (headers.size() < 300'000)
    headers += "X-Header: value\r\n";
  auto options = patient();
  options.max_body = 1000;
  auto chunk_line = chunked(std::string(2'000'000, '0'));
  for (const auto& bytes :
       {status_line, late_status_line, header_line, headers, chunk_line}) {
    auto reply = ask({bytes, then::hang}, options);
    CHECK(reply.outcome == outcome::broken);
    CHECK_THAT(reply.detail, Catch::Contains("overlong"));
  }
}

TEST_CASE("the deadline holds for a server that is silent or dribbles") {
  auto text = http_text(200, std::string(1000, 'x'));
  auto head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n ";
  for (const auto& reply :
       {scripted_reply{"", then::hang},
        scripted_reply{text.substr(0, 20), then::hang},
        scripted_reply{text.substr(0, 200), then::hang},
        scripted_reply{"HTTP/1.1 200 O", then::dribble},
        scripted_reply{head, then::dribble},
        // without a length httplib takes our own cut for the body's end
        scripted_reply{"HTTP/1.1 200 OK\r\n\r\n ", then::dribble},
        scripted_reply{"HTTP/1.1 200 OK\r\n\r\n{}", then::hang}}) {
    CAPTURE(reply.bytes);
    auto begin = std::chrono::steady_clock::now();
    auto result = ask(reply, hasty());
    CHECK(result.outcome == outcome::broken);
    CHECK_THAT(result.detail, Catch::Contains("within 0.150 s"));
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
  }
}

TEST_CASE("what finds no server was not sent") {
  http_transport transport{hasty()};
  auto refused = "http://127.0.0.1:" + std::to_string(unused_port()) + "/";
  auto reply = transport.exchange(post(refused));
  CHECK(reply.outcome == outcome::not_sent);
  CHECK_THAT(reply.detail, Catch::Contains("no connection to 127.0.0.1:"));
  CHECK(transport.exchange(get("http://name.invalid/")).outcome
        == outcome::not_sent);
}

TEST_CASE("a request that would not be one is not sent") {
  scripted_server server{{{{json_text("{}")}}}};
  http_transport transport{patient()};
  auto bad_header = get(server.base());
  bad_header.headers = {{"Authorization", "Bearer a\nX: y"}};
  auto reply = transport.exchange(bad_header);
  CHECK(reply.outcome == outcome::not_sent);
  CHECK_THAT(reply.detail, Catch::Contains("api.key"));
  for (auto url : {"", "ftp://h/", "/x", "http://h/a b", "http://h/a\r\nb"})
    CHECK(transport.exchange(get(url)).outcome == outcome::not_sent);
  CHECK(server.connections() == 0);
}

TEST_CASE("a submit is sent exactly once, whatever becomes of it") {
  for (const auto& reply :
       {scripted_reply{"", then::close}, scripted_reply{"", then::reset},
        scripted_reply{"", then::hang},
        scripted_reply{http_text(307, "", {"Location: /again"})},
        scripted_reply{
          http_text(401, "", {"WWW-Authenticate: Digest realm=x"})},
        scripted_reply{http_text(408, "")}, scripted_reply{http_text(503, "")},
        scripted_reply{"garbage", then::close}}) {
    CAPTURE(reply.bytes);
    connection_script script{reply, {json_text("{}")}};
    scripted_server server{{script, script, script}};
    {
      http_transport transport{hasty()};
      auto result = transport.exchange(post(server.base() + "/runs"));
      CHECK(result.outcome != outcome::not_sent);
    }
    CHECK(server.connections() == 1);
    REQUIRE(server.requests().size() == 1);
    auto request = server.requests()[0];
    CHECK_THAT(request, Catch::StartsWith("POST /runs HTTP/1.1\r\n"));
    CHECK_THAT(request, Catch::Contains("Connection: close\r\n"));
    CHECK_THAT(request, Catch::Contains("Content-Type: application/json\r\n"));
    CHECK_THAT(request, Catch::EndsWith("\r\n\r\n{\"urls\":[\"u\"]}"));
  }
}

TEST_CASE("reads share a connection; a submit has its own") {
  connection_script kept{{json_text("1")}, {json_text("2")}, {json_text("3")}};
  connection_script fresh{{json_text("{}")}};
  scripted_server server{{kept, fresh}};
  http_transport transport{patient()};
  CHECK(transport.exchange(get(server.base() + "/a")).body == "1");
  CHECK(transport.exchange(post(server.base() + "/b")).body == "{}");
  CHECK(transport.exchange(get(server.base() + "/c")).body == "2");
  CHECK(server.connections() == 2);
}

TEST_CASE("a connection in doubt is not used again") {
  for (const auto& first :
       {json_text("{}") + json_text(R"({"of":"nobody"})"),
        std::string{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n"
                    "Content-Length: 2\r\n\r\n{}"}}) {
    connection_script spoiled{{first}, {json_text("wrong")}};
    connection_script next{{json_text("right")}};
    scripted_server server{{spoiled, next}};
    http_transport transport{patient()};
    static_cast<void>(transport.exchange(get(server.base())));
    CHECK(transport.exchange(get(server.base())).body == "right");
  }
}

TEST_CASE("a read after the server closed an idle connection connects anew") {
  scripted_server server{
    {{{json_text("1"), then::close}}, {{json_text("2"), then::close}}}};
  http_transport transport{patient()};
  CHECK(transport.exchange(get(server.base())).body == "1");
  auto second = transport.exchange(get(server.base()));
  // The close may arrive in the middle of the second request.
  if (second.outcome == outcome::broken)
    second = transport.exchange(get(server.base()));
  CHECK(second.body == "2");
}

TEST_CASE("stop ends an exchange at once and every later one") {
  scripted_server server{{{{"", then::hang}}}};
  http_transport transport{patient()};
  std::thread stopper{[&] {
    static_cast<void>(server.wait_for_requests(1));
    transport.stop();
  }};
  auto reply = transport.exchange(post(server.base()));
  stopper.join();
  CHECK(reply.outcome == outcome::broken);
  CHECK_THAT(reply.detail, Catch::Contains("stopped"));
  reply = transport.exchange(post(server.base()));
  CHECK(reply.outcome == outcome::not_sent);
  CHECK(server.connections() == 1);
}

TEST_CASE("a stop at any moment of an exchange is not lost") {
  for (int round = 0; round < 50; ++round) {
    scripted_server server{{{{"", then::hang}}}};
    http_transport transport{patient()};
    std::atomic<bool> go{false};
    std::thread stopper{[&] {
      while (!go)
        std::this_thread::yield();
      for (volatile int i = 0; i < round * 2'000;)
        i = i + 1;
      transport.stop();
    }};
    auto begin = std::chrono::steady_clock::now();
    go = true;
    auto reply = transport.exchange(get(server.base()));
    stopper.join();
    CHECK(reply.outcome != outcome::complete);
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
  }
}

TEST_CASE("requests go through a proxy that is given") {
  scripted_server proxy{{{{json_text("{}")}}}};
  auto options = patient();
  options.proxy = "http://us%3Aer:pw@127.0.0.1:" + std::to_string(proxy.port());
  http_transport transport{options};
  auto reply = transport.exchange(get("http://api.invalid/x?y=1"));
  CHECK(reply.outcome == outcome::complete);
  auto request = proxy.requests().at(0);
  CHECK_THAT(request, Catch::StartsWith("GET http://api.invalid:80/x?y=1 "));
  CHECK_THAT(request,
             Catch::Contains("Proxy-Authorization: Basic dXM6ZXI6cHc="));
}

TEST_CASE("a proxy that refuses the tunnel has let nothing through") {
  for (auto status : {403, 407, 502}) {
    scripted_server proxy{{{{http_text(status, ""), then::close}},
                           {{http_text(status, ""), then::close}}}};
    auto options = patient();
    options.proxy = proxy.base();
    http_transport transport{options};
    for (int i = 0; i < 2; ++i)
      CHECK(transport.exchange(get("https://api.invalid/")).outcome
            == outcome::not_sent);
  }
  auto options = patient();
  options.proxy = "socks5://127.0.0.1:1";
  http_transport transport{options};
  auto reply = transport.exchange(get("http://127.0.0.1:1/"));
  CHECK(reply.outcome == outcome::not_sent);
  CHECK_THAT(reply.detail, Catch::Contains("api.proxy"));
}

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

// -- bodies that do not fit into memory ---------------------------------------

namespace {

/// The reply to a GET answered by `reply`; a 200's body goes to `taken`.
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

TEST_CASE("a receiver takes the body of a 200, and of nothing else") {
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

TEST_CASE("a receiver that wants no more ends the exchange") {
  std::string taken;
  auto counted = chunked("3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n");
  auto reply = receive({counted, then::close}, 100, taken, 2);
  CHECK(reply.outcome == outcome::broken);
  CHECK(taken == "abc");
  CHECK_THAT(reply.detail, Catch::Contains("not wanted"));
}

TEST_CASE("a receiver's time counts anew with every MiB") {
  httplib::Server server;
  server.Get("/x", [](const httplib::Request&, httplib::Response& response) {
    response.set_chunked_content_provider(
      "application/octet-stream",
      [left = 5](size_t, httplib::DataSink& sink) mutable {
        if (left-- == 0) {
          sink.done();
          return true;
        }
        std::this_thread::sleep_for(500ms);
        std::string part(1 << 20, 'x');
        return sink.write(part.data(), part.size());
      });
  });
  auto port = server.bind_to_any_port("127.0.0.1");
  std::thread serving{[&] { server.listen_after_bind(); }};
  auto options = patient();
  options.timeout = 2s;
  http_transport transport{options};
  size_t taken = 0;
  body_receiver receiver{8 << 20, [&](std::string_view bytes) {
                           taken += bytes.size();
                           return true;
                         }};
  auto request = get("http://127.0.0.1:" + std::to_string(port) + "/x");
  request.fresh_connection = true;
  auto reply = transport.exchange(request, receiver);
  server.stop();
  serving.join();
  CHECK(reply.outcome == outcome::complete);
  CHECK(taken == 5 << 20);
}

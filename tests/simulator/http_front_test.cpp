// What a client sees on the wire, byte for byte.

#include "simulator/simulator.hpp"
#include "tests/support/json_view.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/simulator_fixture.hpp"

#include <catch2/catch.hpp>

#include <cerrno>
#include <string>

using namespace sluice;
using namespace sluice::test;

namespace {

const std::string get_run =
  "GET /runs/x HTTP/1.1\r\nHost: s\r\nAuthorization: Bearer k\r\n\r\n";

std::string post_runs(const std::string& body, const std::string& more = {}) {
  return "POST /runs HTTP/1.1\r\nHost: s\r\nAuthorization: Bearer k\r\n" + more
         + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

const std::string good_body = R"({"robotId":"r","urls":["https://a/"]})";

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

/// Everything that the server sends for one request on its own connection.
std::string ask(const simulator& api, const std::string& request) {
  raw_client client{api.port()};
  client.send(request);
  return client.read_to_end().text;
}

/// A member of a complete JSON reply, or "" if the reply was truncated.
std::string member_of(const std::string& reply, const std::string& name) {
  if (!reply.ends_with('}'))
    return {};
  json_view body{reply.substr(reply.find("\r\n\r\n") + 4)};
  return body[name.c_str()].text();
}

} // namespace

TEST_CASE("a connection serves requests one after the other") {
  simulator_fixture extralt;
  raw_client client{extralt.api.port()};
  client.send(get_run);
  CHECK(client.read_reply().starts_with("HTTP/1.1 404 "));
  client.send(post_runs(good_body));
  CHECK(client.read_reply().starts_with("HTTP/1.1 201 "));
  client.send(get_run + get_run);
  CHECK(client.read_reply().starts_with("HTTP/1.1 404 "));
  CHECK(client.read_reply().starts_with("HTTP/1.1 404 "));
}

TEST_CASE("a reset arrives before the request is processed") {
  auto options = unhurried_options();
  options.reset = 1;
  simulator_fixture extralt{options};
  raw_client client{extralt.api.port()};
  client.send(GENERATE(as<std::string>{}, get_run, post_runs(good_body)));
  auto end = client.read_to_end();
  CHECK(end.text.empty());
  CHECK(end.error == ECONNRESET);
  CHECK(has(extralt.api.stats(), R"("runs_created":0)"));
}

TEST_CASE("a lost reply closes the connection without sending a byte after "
          "processing") {
  auto options = unhurried_options();
  options.lost_reply = 1;
  simulator_fixture extralt{options};
  raw_client client{extralt.api.port()};
  client.send(post_runs(good_body));
  auto end = client.read_to_end();
  CHECK(end.text.empty());
  CHECK(end.error == 0);
  CHECK(has(extralt.api.stats(), R"("runs_created":1)"));
}

TEST_CASE("a truncated body is shorter than its Content-Length says") {
  auto options = unhurried_options();
  options.truncate = 1;
  simulator_fixture extralt{options};
  raw_client client{extralt.api.port()};
  client.send(get_run);
  auto end = client.read_to_end();
  CHECK(end.error == 0);
  CHECK(end.text.starts_with("HTTP/1.1 404 "));
  auto field = end.text.find("Content-Length: ");
  REQUIRE(field != end.text.npos);
  auto promised = std::stoul(end.text.substr(field + 16));
  auto sent = end.text.size() - end.text.find("\r\n\r\n") - 4;
  CHECK(sent == promised / 2);
}

TEST_CASE("a truncated download lacks the end of its frame") {
  simulator_options options = unhurried_options();
  options.truncate = 0.5;
  simulator_fixture extralt{options};
  std::string run_id;
  std::string url;
  // A truncated reply has the first half of its body. Repeat the request until
  // it is complete.
  while (run_id.empty())
    run_id = member_of(
      ask(extralt.api, post_runs(good_body, "Connection: close\r\n")), "_id");
  while (url.empty())
    url = member_of(
      ask(extralt.api, "GET /runs/" + run_id
                         + "/download HTTP/1.1\r\nHost: s\r\nAuthorization: "
                           "Bearer k\r\nConnection: close\r\n\r\n"),
      "url");
  auto path = url.substr(extralt.api.base_url().size());
  auto get_file =
    "GET " + path + " HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n";
  int whole = 0;
  int cut = 0;
  for (int i = 0; i < 30; ++i)
    ++(ask(extralt.api, get_file).ends_with("\r\n0\r\n\r\n") ? whole : cut);
  CHECK(whole > 3);
  CHECK(cut > 3);
}

TEST_CASE("pages are sent without encoding regardless of Accept-Encoding") {
  simulator_fixture extralt;
  raw_client client{extralt.api.port()};
  client.send(post_runs(good_body, "Accept-Encoding: gzip, br\r\n"));
  auto reply = client.read_reply();
  CHECK_FALSE(has(reply, "Content-Encoding"));
  CHECK(has(reply, R"("status":"completed")"));
}

TEST_CASE("a body over 4 MiB gets a 413 in every form of announcement") {
  simulator_fixture extralt;
  raw_client client{extralt.api.port()};
  std::string large(5 << 20, 'x');
  SECTION("by its length") {
    client.send(post_runs(large));
  }
  SECTION("in chunks") {
    client.send("POST /runs HTTP/1.1\r\nHost: s\r\n"
                "Transfer-Encoding: chunked\r\n\r\n500000\r\n"
                + large + "\r\n0\r\n\r\n");
  }
  auto reply = client.read_to_end().text;
  CHECK(reply.starts_with("HTTP/1.1 413 "));
  CHECK(has(reply, R"("error":"PayloadTooLarge")"));
}

TEST_CASE("odd requests and bytes that are not HTTP get an error in JSON") {
  auto [request, status] = GENERATE(table<std::string, std::string>({
    {"nonsense\r\n\r\n", "400"},
    {"GET /runs/x FTP/1.1\r\n\r\n", "400"},
    {"GET /runs/x HTTP/2.0\r\n\r\n", "505"},
    {"GET /runs/x HTTP/1.1\r\n\r\n", "400"},
    {"GET /runs/x HTTP/1.1\r\nHost: s\r\nX: " + std::string(9'000, 'a')
       + "\r\n\r\n",
     "431"},
    {"GET /" + std::string(9'000, 'a') + " HTTP/1.1\r\n\r\n", "414"},
    {"POST /" + std::string(6'000, 'a')
       + " HTTP/1.1\r\n"
         "Host: s\r\nAuthorization: Bearer k\r\nContent-Length: 1\r\n\r\nx",
     "404"},
    {"PUT /runs HTTP/1.1\r\nHost: s\r\nAuthorization: Bearer k\r\n"
     "Content-Length: 4\r\n\r\nabcd",
     "404"},
    {"POST /runs HTTP/1.1\r\nHost: s\r\nAuthorization: Bearer k\r\n\r\n",
     "400"},
    {"POST /a%0Ab HTTP/1.1\r\nHost: s\r\nAuthorization: Bearer k\r\n\r\n",
     "404"},
    {post_runs("--b--", "Content-Type: multipart/form-data; boundary=b\r\n"),
     "400"},
    {"GET /runs/x HTTP/1.1\r\nHost: s\r\n\r\n", "401"},
    {"GET /%00%ff HTTP/1.1\r\nHost: s\r\nAuthorization: Bearer k\r\n\r\n",
     "404"},
  }));
  INFO(request.substr(0, 60));
  simulator_fixture extralt;
  raw_client client{extralt.api.port()};
  client.send(request);
  auto reply = client.read_reply();
  CHECK(reply.substr(0, 12) == "HTTP/1.1 " + status);
  CHECK(has(reply, R"({"error":")"));
}

TEST_CASE("Range and If-Range have no effect") {
  simulator_fixture extralt;
  raw_client client{extralt.api.port()};
  client.send(post_runs(good_body));
  auto created = client.read_reply();
  auto run =
    "/runs/"
    + json_view{created.substr(created.find("\r\n\r\n") + 4)}["_id"].text();
  auto get = [&](const std::string& more) {
    client.send("GET " + run
                + " HTTP/1.1\r\nHost: s\r\nAuthorization: Bearer k\r\n" + more
                + "\r\n");
    return client.read_reply();
  };
  auto whole = get("");
  REQUIRE(whole.starts_with("HTTP/1.1 200 "));
  for (auto* range : {"bytes=0-1", "bytes=5-", "bytes=-1", "bytes=0-1,3-4",
                      "seconds=1-2", "odd"})
    CHECK(get(std::string{"rAnge: "} + range + "\r\nIf-Range: \"x\"\r\n")
          == whole);
}

TEST_CASE("a client that disconnects half-way does no harm") {
  simulator_fixture extralt;
  auto whole = post_runs(good_body);
  for (size_t length = 0; length < whole.size(); length += 7)
    raw_client{extralt.api.port()}.send(whole.substr(0, length));
  raw_client client{extralt.api.port()};
  client.send(whole);
  CHECK(client.read_reply().starts_with("HTTP/1.1 201 "));
}

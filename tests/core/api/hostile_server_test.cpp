// Hostile servers and proxies over real sockets. Every exchange ends in time,
// takes little memory, and is never mistaken for complete.

#include "core/api/api_client.hpp"
#include "tests/core/http/transport_fixture.hpp"
#include "tests/core/input/list_fixture.hpp"
#include "tests/support/resident_peak.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

using clock = std::chrono::steady_clock;

constexpr size_t max_body = 4 << 20;

/// How far a compressed body may exceed `max_body`.
constexpr size_t packing_overhead = 64 << 10;

/// A compressed body is in memory twice while it is decompressed.
constexpr size_t most_memory = 2 * max_body + (4 << 20);

/// Maximum time of an exchange that ends without reaching its deadline.
constexpr auto most_time = 10s;

/// For exchanges that only the deadline ends.
constexpr auto deadline = 250ms;
constexpr auto grace = 5s;

struct scene {
  const char* name;
  scripted_reply reply;
};

scripted_reply flood(std::string begin, std::string again) {
  scripted_reply reply{std::move(begin), then::flood};
  reply.again = std::move(again);
  return reply;
}

/// A reply that is sent before any request.
scripted_reply unasked(std::string bytes, then after) {
  return {std::move(bytes), after, false, true};
}

transport_options within(std::chrono::milliseconds timeout) {
  transport_options options;
  options.timeout = timeout;
  options.max_body = max_body;
  return options;
}

/// Runs `talk` and checks how much time and memory it takes.
template <class F>
auto bounded(clock::duration most, F talk) {
  auto begin = clock::now();
  resident_peak memory;
  auto result = talk();
  CHECK(memory.growth() <= most_memory);
  CHECK(clock::now() - begin < most);
  return result;
}

http_reply ask_within(const scripted_reply& reply,
                      const transport_options& options, clock::duration most) {
  scripted_server server{{{reply}}};
  http_transport transport{options};
  return bounded(most,
                 [&] { return transport.exchange(get(server.base() + "/x")); });
}

/// Ended by the deadline, without a whole reply.
void check_late(const scene& each) {
  CAPTURE(each.name);
  auto reply = ask_within(each.reply, within(deadline), grace);
  CHECK(reply.outcome != outcome::complete);
  CHECK_THAT(reply.detail, Catch::Contains("within 0.250 s"));
}

/// Ended by a limit, long before any deadline.
void check_refused(const scene& each) {
  CAPTURE(each.name);
  auto reply = ask_within(each.reply, within(60s), most_time);
  CHECK(
    (reply.outcome == outcome::broken || reply.outcome == outcome::too_large));
  CHECK(reply.body.size() <= max_body + packing_overhead);
}

std::string block_of(const std::string& text) {
  std::string block;
  while (block.size() < 32'768)
    block += text;
  return block;
}

const std::string ok = "HTTP/1.1 200 OK\r\n";
const std::string early_hint = "HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n";

} // namespace

TEST_CASE("a hostile server that is slow is cut off at the deadline") {
  const auto long_body = ok + "Content-Length: 1000\r\n\r\n ";
  for (const auto& each : {
         scene{"silent", {"", then::hang}},
         scene{"slow status", {"HTTP/1.1 200 O", then::dribble}},
         scene{"slow field", {ok + "A: b", then::dribble}},
         scene{"slow interim replies", {early_hint + "HTTP/1.1 1", then::hang}},
         scene{"slow body", {long_body, then::dribble}},
         scene{"slow body without a length", {ok + "\r\n ", then::dribble}},
         scene{"slow chunk size", {chunked("0000"), then::dribble}},
         scene{"slow chunk", {chunked("ffff\r\n "), then::dribble}},
         scene{"slow trailer", {chunked("0\r\nA: b"), then::dribble}},
         scene{"a length that is too long", {long_body, then::hang}},
         scene{"no last chunk", {chunked("1\r\na\r\n"), then::hang}},
       })
    check_late(each);
}

TEST_CASE("a hostile server that never ends is cut off at a limit") {
  auto letters = block_of("a");
  for (const auto& each : {
         scene{"status line", flood("HTTP/1.1 200 ", letters)},
         scene{"no line's end", flood("", letters)},
         scene{"field line", flood(ok + "A: ", letters)},
         scene{"fields", flood(ok, block_of("A: b\r\n"))},
         scene{"continued field", flood(ok + "A: b\r\n", block_of(" b\r\n"))},
         scene{"interim replies", flood("", block_of(early_hint))},
         scene{"body", flood(ok + "\r\n", letters)},
         scene{"huge length",
               flood(ok + "Content-Length: 99999999999\r\n\r\n", letters)},
         scene{"chunk size", flood(chunked(""), block_of("0"))},
         scene{"chunk extension", flood(chunked("1;"), letters)},
         scene{"huge chunk", flood(chunked("fffffffffffffff\r\n"), letters)},
         scene{"tiny chunks", flood(chunked(""), block_of("1\r\na\r\n"))},
         scene{"trailers", flood(chunked("0\r\n"), block_of("A: b\r\n"))},
         scene{"packed body", flood(ok + "Content-Encoding: gzip\r\n\r\n",
                                    block_of("\x1f\x8b\x08"))},
       })
    check_refused(each);
}

TEST_CASE("a hostile server's wrong lengths never make a reply complete") {
  for (const auto& each : {
         scene{"too long", {ok + "Content-Length: 9\r\n\r\n{}", then::close}},
         scene{"two",
               {ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"}},
         scene{"negative", {ok + "Content-Length: -2\r\n\r\n{}"}},
         scene{"beyond 64 bits",
               {ok + "Content-Length: 18446744073709551618\r\n\r\n{}"}},
         scene{"both kinds",
               {ok
                + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n"
                  "2\r\n{}\r\n0\r\n\r\n"}},
         scene{"chunk too long",
               {chunked("9\r\n{}\r\n0\r\n\r\n"), then::close}},
         scene{"chunk too short", {chunked("1\r\n{}\r\n0\r\n\r\n")}},
         scene{"chunk beyond 64 bits", {chunked("10000000000000002\r\n{}")}},
       })
    check_refused(each);
}

TEST_CASE(
  "a hostile server's compressed body takes no more memory than a plain one") {
  auto packed = compress(compression::gzip, std::string(64 << 20, ' '));
  auto twice = compress(compression::gzip, packed);
  auto in = [](const std::string& body, const std::string& coding) {
    return scripted_reply{
      http_text(200, body, {"Content-Encoding: " + coding})};
  };
  auto bomb = ask_within(in(packed, "gzip"), within(60s), most_time);
  CHECK(bomb.outcome == outcome::too_large);
  CHECK(bomb.status == 200);
  // Only the coding that was asked for is decoded, and only once.
  auto nested = ask_within(in(twice, "gzip"), within(60s), most_time);
  CHECK(nested.body == packed);
  nested = ask_within(in(twice, "gzip, gzip"), within(60s), most_time);
  CHECK(nested.body == twice);
}

TEST_CASE("a hostile server's redirect is never followed") {
  scripted_server other{{{{json_text("{}")}}}};
  for (const auto& address :
       {other.base() + "/x", "https" + other.base().substr(4),
        std::string{"file:///etc/passwd"}, std::string{"//x/"}})
    for (auto status : {301, 302, 303, 307, 308}) {
      auto reply = ask_within({http_text(status, "", {"Location: " + address})},
                              within(60s), most_time);
      CHECK(reply.outcome == outcome::complete);
      CHECK(reply.status == status);
    }
  CHECK(other.connections() == 0);
}

TEST_CASE("a hostile server's TLS handshake ends at the deadline or before") {
  // The start of a record with part of a handshake in it.
  const std::string begin{"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc ", 10};
  for (const auto& each :
       {scene{"silent", unasked("", then::hang)},
        scene{"drips", unasked(begin, then::dribble)},
        scene{"stops", unasked(begin, then::hang)},
        scene{"ends", unasked(begin, then::cut)},
        scene{"resets", unasked(begin, then::reset)},
        scene{"plain", unasked(json_text("{}"), then::hang)}}) {
    CAPTURE(each.name);
    scripted_server server{{{each.reply}}};
    http_transport transport{within(deadline)};
    auto url = "https://127.0.0.1:" + std::to_string(server.port()) + "/x";
    auto reply = bounded(grace, [&] { return transport.exchange(post(url)); });
    CHECK(reply.outcome == outcome::not_sent);
    CHECK_FALSE(reply.detail.empty());
  }
}

TEST_CASE(
  "a hostile server's disconnect without a TLS close does not end a body") {
  auto root = new_authority();
  auto proof = root.issue({.names = "IP:127.0.0.1"});
  temp_folder folder;
  fill(folder / "ca.pem", root.pem());
  auto options = within(60s);
  options.ca_file = (folder / "ca.pem").string();
  for (auto end : {then::cut, then::reset}) {
    scripted_server server{{{{ok + "\r\n{}", end}}}, &proof};
    http_transport transport{options};
    auto url = "https://127.0.0.1:" + std::to_string(server.port()) + "/x";
    auto reply =
      bounded(most_time, [&] { return transport.exchange(get(url)); });
    CHECK(reply.outcome == outcome::broken);
  }
}

TEST_CASE("a hostile proxy opens no tunnel, costs little, and learns nothing") {
  auto letters = block_of("a");
  for (const auto& each : {
         scene{"refuses", {http_text(407, "", {"Proxy-Authenticate: Basic"})}},
         scene{"refuses at length", flood("HTTP/1.1 407 No\r\n\r\n", letters)},
         scene{"dies", {"", then::close}},
         scene{"dies in its head", {ok, then::reset}},
         scene{"is silent", {"", then::hang}},
         scene{"drips", {"HTTP/1.1 200 O", then::dribble}},
         scene{"drips fields", {ok + "A: b", then::dribble}},
         scene{"has an endless line", flood(ok + "A: ", letters)},
         scene{"has endless fields", flood(ok, block_of("A: b\r\n"))},
         scene{"has endless interim replies", flood("", block_of(early_hint))},
         scene{"goes on", flood(ok + "\r\n", letters)},
         scene{"opens it and is silent", {ok + "\r\n", then::hang}},
         scene{"opens it and dies", {ok + "\r\n", then::cut}},
       }) {
    CAPTURE(each.name);
    scripted_server proxy{{{each.reply}}};
    auto options = within(deadline);
    options.proxy = proxy.base();
    http_transport transport{options};
    auto reply = bounded(
      grace, [&] { return transport.exchange(post("https://api.test/x")); });
    CHECK(reply.outcome == outcome::not_sent);
    CHECK_FALSE(reply.detail.empty());
    for (const auto& request : proxy.requests())
      CHECK_THAT(request, Catch::StartsWith("CONNECT api.test:443 "));
  }
}

TEST_CASE(
  "a hostile server's nested reply is unreadable and does no other harm") {
  auto nested = std::string(max_body / 2, '[');
  connection_script script(3, {json_text(nested)});
  scripted_server server{{script, script}};
  api_profile profile;
  profile.base = server.base();
  profile.auth.in = auth_scheme::place::none;
  profile.status.path = "/runs/${id}";
  profile.status.state = {"/status"};
  profile.results.path = "/captures";
  profile.results.items = {"/items"};
  profile.results.page.by = pagination::kind::cursor;
  profile.results.page.param = "cursor";
  profile.results.page.next = {"/next"};
  api_client client{{.profile = std::make_shared<const api_profile>(profile),
                     .key = [] { return caf::expected<std::string>{""}; },
                     .timeout = 60s,
                     .max_body = max_body,
                     .proxy = {},
                     .ca_file = {}}};
  auto status = bounded(most_time, [&] { return client.status({"r", {}}); });
  CHECK(status.verdict.outcome == read_outcome::unreadable);
  auto page = bounded(most_time, [&] { return client.page({{"r", {}}, ""}); });
  CHECK(page.verdict.outcome == read_outcome::unreadable);
}

// The server over real sockets with misbehaving clients. Each test limits the
// time and, if it matters, the memory.

#include "core/http/server/connection.hpp"
#include "core/http/server/http_shell.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/resident_peak.hpp"

#include <atomic>
#include <future>
#include <list>
#include <semaphore>
#include <thread>

using namespace sluice::test;
using namespace sluice::web;
using namespace std::chrono_literals;
using Catch::Contains;
using Catch::StartsWith;

namespace {

using clock_type = std::chrono::steady_clock;

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// Long enough for a slow machine with sanitizers.
constexpr auto soon = 2s;

shell_limits small_limits() {
  shell_limits out;
  out.threads = 2;
  out.most_queued = 4;
  return out;
}

class server {
public:
  explicit server(const shell_limits& limits = small_limits())
      : shell_{limits} {
    shell_.Get("/", [](const auto&, auto& reply) {
      reply.set_content("ok", "text/plain");
    });
    shell_.Get("/large", [](const auto&, auto& reply) {
      reply.set_content(std::string(3 << 20, 'x'), "text/plain");
    });
    shell_.Get("/wait", [this](const auto&, auto& reply) {
      waiting.release();
      released_.wait();
      reply.set_content("released", "text/plain");
    });
    shell_.Get("/throw", [](const auto&, auto&) { throw 1; });
    shell_.Post("/size", [](const auto& request, auto& reply) {
      reply.set_content(std::to_string(request.body.size()), "text/plain");
    });
    port = static_cast<uint16_t>(shell_.bind("127.0.0.1", 0));
    REQUIRE(port > 0);
    thread_ = std::thread{[this] { shell_.serve(); }};
  }

  ~server() {
    release();
    shut_down();
  }

  void release() {
    if (!is_released_.exchange(true))
      release_.set_value();
  }

  void shut_down() {
    shell_.shut_down();
    if (thread_.joinable())
      thread_.join();
  }

  /// The whole reply to one request on its own connection.
  [[nodiscard]] std::string ask(const std::string& request = get) const {
    raw_client client{port};
    client.send(request);
    return client.read_reply();
  }

  uint16_t port = 0;
  std::counting_semaphore<> waiting{0}; ///< requests for /wait being served

private:
  http_shell shell_;
  std::promise<void> release_;
  std::shared_future<void> released_ = release_.get_future().share();
  std::atomic<bool> is_released_{false};
  std::thread thread_;
};

std::chrono::milliseconds time_of(const std::function<void()>& work) {
  auto begin = clock_type::now();
  work();
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock_type::now()
                                                               - begin);
}

std::string post(const std::string& fields, const std::string& body = {}) {
  return "POST /size HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}

/// Sends a byte every 10 ms until the server answers or closes. Returns all
/// that the server sends.
std::string drip_until_reply(raw_client& client) {
  while (!client.is_readable_within(10ms) && client.try_send("x"))
    continue;
  return client.read_to_end().text;
}

/// Asks until `wanted` accepts the reply. Returns that reply.
template <class Predicate>
std::string ask_until(const server& web, Predicate wanted) {
  auto until = clock_type::now() + 10s;
  auto reply = web.ask();
  while (!wanted(reply) && clock_type::now() < until)
    reply = web.ask();
  REQUIRE(wanted(reply));
  return reply;
}

} // namespace

TEST_CASE("requests sent together are answered in order") {
  server web;
  raw_client client{web.port};
  client.send(get + post("Content-Length: 3\r\n", "abc") + get);
  CHECK_THAT(client.read_reply(), StartsWith("HTTP/1.1 200 "));
  CHECK(client.read_reply().ends_with("\r\n\r\n3"));
  CHECK_THAT(client.read_reply(), StartsWith("HTTP/1.1 200 "));
  client.send(
    post("Transfer-Encoding: chunked\r\n", "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"));
  CHECK(client.read_to_end().text.ends_with("\r\n\r\n5"));
}

TEST_CASE("two hundred dribbling heads hold no thread and others are answered "
          "at once") {
  server web;
  std::list<raw_client> drips;
  for (auto i = 0; i < 200; ++i)
    drips.emplace_back(web.port).send("GET");
  for (auto i = 0; i < 20; ++i) {
    for (auto& one : drips)
      static_cast<void>(one.try_send("T"));
    CHECK(time_of([&] { CHECK(web.ask().ends_with("ok")); }) < soon);
  }
}

TEST_CASE("a head has a single deadline that arriving bytes do not extend") {
  auto limits = small_limits();
  limits.head_time = 200ms;
  server web{limits};
  raw_client client{web.port};
  client.send("GET /");
  std::string reply;
  CHECK(time_of([&] { reply = drip_until_reply(client); }) < soon);
  CHECK_THAT(reply, StartsWith("HTTP/1.1 408 "));
}

TEST_CASE("endless heads are refused and use little memory") {
  auto [begin, more, status] =
    GENERATE(table<std::string, std::string, std::string>({
      {"GET /", "aaaaaaaaaaaaaaaa", "414"},
      {"GET / HTTP/1.1\r\nX: ", "aaaaaaaaaaaaaaaa", "431"},
      {"GET / HTTP/1.1\r\n", "X: " + std::string(4'000, 'a') + "\r\n", "431"},
      {"GET / HTTP/1.1\r\n", "X: a\r\n", "431"},
      {"", "\r\n", "431"},
    }));
  INFO(begin << more.substr(0, 10));
  server web;
  std::string much;
  while (much.size() < 2 << 20)
    much += more;
  resident_peak memory;
  raw_client client{web.port};
  client.send(begin);
  static_cast<void>(client.try_send(much));
  CHECK_THAT(client.read_to_end().text, StartsWith("HTTP/1.1 " + status));
  CHECK(memory.growth() < 8 << 20);
  CHECK(web.ask().ends_with("ok"));
}

TEST_CASE("endless bodies are refused and use little memory") {
  server web;
  resident_peak memory;
  raw_client announced{web.port};
  announced.send(post("Content-Length: 1048577\r\n"));
  CHECK_THAT(announced.read_to_end().text, StartsWith("HTTP/1.1 413 "));
  std::string chunk = "100\r\n" + std::string(256, 'x') + "\r\n";
  std::string much;
  SECTION("as chunks") {
    while (much.size() < 4 << 20)
      much += chunk;
  }
  SECTION("as the line of a chunk") {
    much = std::string(4 << 20, '0');
  }
  SECTION("as a trailer") {
    much = "0\r\n";
    while (much.size() < 4 << 20)
      much += "X: y\r\n";
  }
  auto before = memory.growth();
  raw_client client{web.port};
  client.send(post("Transfer-Encoding: chunked\r\n"));
  static_cast<void>(client.try_send(much));
  CHECK_THAT(client.read_to_end().text, StartsWith("HTTP/1.1 400 "));
  CHECK(memory.growth() - before < 24 << 20);
  CHECK(web.ask().ends_with("ok"));
}

TEST_CASE("a body has a single deadline that arriving bytes do not extend") {
  auto limits = small_limits();
  limits.body_time = 200ms;
  server web{limits};
  raw_client client{web.port};
  client.send(post("Content-Length: 100000\r\n"));
  std::string reply;
  CHECK(time_of([&] { reply = drip_until_reply(client); }) < soon + 1s);
  CHECK_THAT(reply, StartsWith("HTTP/1.1 400 "));
}

TEST_CASE("the answer is an immediate 503 if all threads are busy and the "
          "queue is full") {
  auto limits = small_limits();
  limits.threads = 1;
  limits.most_queued = 1;
  server web{limits};
  raw_client served{web.port};
  served.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(web.waiting.try_acquire_for(10s));
  raw_client queued{web.port};
  queued.send(get);
  auto reply = ask_until(
    web, [](auto& text) { return text.starts_with("HTTP/1.1 503 "); });
  CHECK_THAT(reply, Contains("\r\nRetry-After: 1\r\n")
                      && Contains("try again in a second"));
  web.release();
  CHECK(served.read_reply().ends_with("released"));
  CHECK(queued.read_reply().ends_with("ok"));
}

TEST_CASE("of too many connections, the one waiting longest gets a 503 and a "
          "new one is served") {
  auto limits = small_limits();
  limits.most_waiting = 8;
  server web{limits};
  std::list<raw_client> crowd;
  for (auto i = 0; i < 8; ++i)
    crowd.emplace_back(web.port).send("GET");
  CHECK(web.ask().ends_with("ok"));
  CHECK_THAT(crowd.front().read_to_end().text, StartsWith("HTTP/1.1 503 "));
  for (auto i = 0; i < 100; ++i)
    crowd.emplace_back(web.port).send("GET");
  CHECK(web.ask().ends_with("ok"));
}

TEST_CASE("idle kept connections hold no thread") {
  server web;
  std::list<raw_client> clients;
  for (auto i = 0; i < 20; ++i) {
    clients.emplace_back(web.port).send(get);
    CHECK(clients.back().read_reply().ends_with("ok"));
  }
  for (auto& client : clients) {
    client.send(get);
    CHECK(client.read_reply().ends_with("ok"));
  }
}

TEST_CASE("an unread reply holds no thread while replies are kept and is cut "
          "off after its deadline") {
  auto limits = small_limits();
  limits.threads = 1;
  limits.keep_alive = false;
  limits.most_kept = 4 << 20;
  const std::string large = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
  CHECK(server{limits}.ask(large).size() > 3 << 20);
  limits.reply_time = 200ms;
  server web{limits};
  std::list<raw_client> stuck;
  for (auto i = 0; i < 5; ++i) {
    auto& client = stuck.emplace_back(web.port, 2'048);
    client.send(large);
    // The request is being served. The client reads no further.
    CHECK_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  }
  CHECK(time_of([&] { CHECK(web.ask().ends_with("ok")); }) < soon);
  for (auto& client : stuck)
    CHECK(client.is_refused_within(10s));
}

TEST_CASE("all kept replies together take a limited amount of memory") {
  auto limits = small_limits();
  limits.keep_alive = false;
  limits.most_kept = 4 << 20;
  limits.most_unsent = 7 << 20;
  server web{limits};
  resident_peak memory;
  std::list<raw_client> stuck;
  for (auto i = 0; i < 40; ++i)
    stuck.emplace_back(web.port, 2'048)
      .send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  static_cast<void>(
    ask_until(web, [](auto& text) { return text.ends_with("ok"); }));
  CHECK(memory.growth() < 48 << 20);
}

TEST_CASE("a handler may take over the connection") {
  auto limits = small_limits();
  sluice::file_descriptor taken;
  http_shell shell{limits};
  shell.Get("/", [&](const auto&, auto&) {
    taken = connection::current().take_over();
    static_cast<void>(::send(taken.get(), "mine", 4, MSG_NOSIGNAL));
  });
  auto port = shell.bind("127.0.0.1", 0);
  REQUIRE(port > 0);
  CHECK(shell.is_loopback());
  std::thread serving{[&] { shell.serve(); }};
  raw_client client{static_cast<uint16_t>(port)};
  client.send(get);
  CHECK(client.read_until("mine") == "mine");
  shell.shut_down();
  serving.join();
  // It no longer belongs to the server.
  CHECK(::send(taken.get(), "!", 1, MSG_NOSIGNAL) == 1);
  CHECK(client.read_until("!") == "!");
}

TEST_CASE("an address in any spelling says whether only this machine reaches "
          "the server") {
  for (auto* host : {"127.0.0.1", "127.1", "127.0.0.9"}) {
    http_shell shell;
    REQUIRE(shell.bind(host, 0) > 0);
    CHECK(shell.is_loopback());
  }
  http_shell open;
  REQUIRE(open.bind("0.0.0.0", 0) > 0);
  CHECK_FALSE(open.is_loopback());
}

TEST_CASE("disconnecting clients and failing handlers do no harm") {
  auto limits = small_limits();
  limits.most_queued = 100; // otherwise a full queue might answer the last one
  limits.most_waiting = 100;
  server web{limits};
  const std::string whole = post("Content-Length: 3\r\n", "abc");
  for (size_t length = 0; length < whole.size(); length += 5)
    raw_client{web.port}.send(whole.substr(0, length));
  for (auto i = 0; i < 20; ++i)
    raw_client{web.port}.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  for (auto i = 0; i < 5; ++i) {
    raw_client client{web.port};
    client.send("GET /throw HTTP/1.1\r\nHost: a\r\n\r\n");
    static_cast<void>(client.read_reply());
  }
  CHECK(web.ask().ends_with("ok"));
}

TEST_CASE("stopping the server does not wait for clients") {
  auto limits = small_limits();
  limits.threads = 3;
  server web{limits};
  std::list<raw_client> clients;
  for (auto* text : {"", "GET",
                     "POST /size HTTP/1.1\r\nHost: a\r\n"
                     "Content-Length: 9\r\n\r\n"})
    clients.emplace_back(web.port).send(text);
  clients.emplace_back(web.port, 2'048)
    .send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  clients.emplace_back(web.port).send(get);
  CHECK(clients.back().read_reply().ends_with("ok"));
  CHECK(time_of([&] { web.shut_down(); }) < soon);
}

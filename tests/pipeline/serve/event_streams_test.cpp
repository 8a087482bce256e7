// Watchers at the far ends of socket pairs.

#include "pipeline/serve/event_streams.hpp"

#include <catch2/catch.hpp>

#include <poll.h>
#include <sys/socket.h>

#include <atomic>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

using clock_type = std::chrono::steady_clock;

constexpr auto short_second = 100ms;
/// No event arrives in this time.
constexpr auto long_second = 60s;

struct far_end {
  file_descriptor socket;

  /// Everything up to the end of `mark` that arrives within 20 s.
  [[nodiscard]] std::string read_until(const std::string& mark) const {
    std::string text;
    char byte = 0;
    auto until = clock_type::now() + 20s;
    while (!text.ends_with(mark) && is_readable(until)
           && ::recv(socket.get(), &byte, 1, 0) == 1)
      text += byte;
    return text;
  }

  [[nodiscard]] bool is_readable(clock_type::time_point until) const {
    auto left =
      std::chrono::ceil<std::chrono::milliseconds>(until - clock_type::now());
    pollfd entry{socket.get(), POLLIN, 0};
    return left.count() > 0
           && ::poll(&entry, 1, static_cast<int>(left.count())) > 0;
  }

  /// This many bytes.
  [[nodiscard]] std::string read(size_t size) const {
    std::string text(size, '\0');
    auto count = ::recv(socket.get(), text.data(), size, MSG_WAITALL);
    text.resize(count > 0 ? static_cast<size_t>(count) : 0);
    return text;
  }
};

/// Adds a watcher. Its far end is empty if there is no room.
far_end watch(event_streams& streams) {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  file_descriptor near{ends[0]};
  far_end far{file_descriptor{ends[1]}};
  if (!streams.add([&] { return std::move(near); }))
    return {};
  return far;
}

event_streams::texts numbered(std::atomic<int>& built) {
  return {[] { return std::string{"welcome;"}; },
          [&] { return "event" + std::to_string(++built) + ";"; }};
}

} // namespace

TEST_CASE("an event is built once for all watchers and only if there is one") {
  std::atomic<int> built{0};
  event_streams streams{numbered(built), short_second};
  ::poll(nullptr, 0, 300);
  CHECK(built == 0);
  std::vector<far_end> watchers;
  for (size_t i = 0; i < event_streams::most; ++i)
    watchers.push_back(watch(streams));
  // A watcher that arrived late misses the first events but sees every later
  // one.
  auto last = built + 2;
  for (auto& one : watchers) {
    auto text = one.read_until("event" + std::to_string(last) + ';');
    REQUIRE_THAT(text, Catch::StartsWith("welcome;event"));
    std::string expected = "welcome;";
    for (auto next = std::stoi(text.substr(13)); next <= last; ++next)
      expected += "event" + std::to_string(next) + ';';
    CHECK(text == expected);
  }
}

TEST_CASE("a watcher beyond the 64th has no room until another leaves") {
  std::atomic<int> built{0};
  event_streams streams{numbered(built), short_second};
  std::vector<far_end> watchers;
  for (size_t i = 0; i < event_streams::most; ++i) {
    watchers.push_back(watch(streams));
    REQUIRE(watchers.back().socket);
  }
  CHECK_FALSE(watch(streams).socket);
  // A watcher leaves by closing its connection or by sending anything.
  watchers.pop_back();
  REQUIRE(::send(watchers.back().socket.get(), "x", 1, 0) == 1);
  size_t found = 0;
  for (auto tries = 0; tries < 1'000 && found < 2; ++tries) {
    auto one = watch(streams);
    if (one.socket) {
      ++found;
      watchers.push_back(std::move(one));
    } else {
      ::poll(nullptr, 0, 5);
    }
  }
  CHECK(found == 2);
  CHECK_FALSE(watch(streams).socket);
}

TEST_CASE("a watcher that does not read is cut off and delays nobody else") {
  const std::string large(1 << 20, 'x');
  event_streams streams{
    {[] { return std::string{"welcome;"}; }, [&] { return large + ";"; }},
    short_second};
  auto stuck = watch(streams);
  auto other = watch(streams);
  CHECK(other.read_until("welcome;") == "welcome;");
  for (auto i = 0; i < 2; ++i) {
    auto is_whole = other.read(large.size() + 1) == large + ';';
    CHECK(is_whole);
  }
  pollfd entry{stuck.socket.get(), POLLRDHUP, 0};
  CHECK(::poll(&entry, 1, 20'000) == 1);
}

TEST_CASE(
  "an event that cannot be built ends neither the streams nor the process") {
  std::atomic<int> built{0};
  event_streams streams{{[] { return std::string{"welcome;"}; },
                         [&]() -> std::string {
                           if (++built == 1)
                             throw std::bad_alloc{};
                           return "event;";
                         }},
                        short_second};
  auto one = watch(streams);
  CHECK(one.read_until("event;") == "welcome;event;");
}

TEST_CASE("the last event announces the end and then all streams are closed, "
          "even unread ones") {
  const std::string large(4 << 20, 'x');
  event_streams streams{
    {[&] { return large; }, [] { return std::string{"end"}; }}, long_second};
  auto stuck = watch(streams);
  auto other = watch(streams);
  auto is_whole = other.read(large.size()) == large;
  CHECK(is_whole);
  auto begin = std::chrono::steady_clock::now();
  streams.stop();
  CHECK(std::chrono::steady_clock::now() - begin < 3s);
  CHECK(other.read_until("never") == "end");
  CHECK_FALSE(watch(streams).socket);
}

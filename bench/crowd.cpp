#include "bench/crowd.hpp"

#include "core/base/file_descriptor.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::bench {

namespace {

using namespace std::chrono_literals;

constexpr auto between_drips = 100ms;
constexpr auto between_probes = 10ms;

file_descriptor connect_to(uint16_t port) {
  file_descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  timeval most{5, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address),
                sizeof address)
      != 0)
    return {};
  return socket;
}

bool send_text(const file_descriptor& socket, std::string_view text) {
  return ::send(socket.get(), text.data(), text.size(),
                MSG_NOSIGNAL | MSG_DONTWAIT)
         == static_cast<ssize_t>(text.size());
}

file_descriptor connect_and_send(uint16_t port, std::string_view text) {
  auto socket = connect_to(port);
  if (!socket || !send_text(socket, text))
    return {};
  return socket;
}

/// Reads the available bytes. False if the server has closed.
bool read_some(const file_descriptor& socket, crowd_view& seen) {
  std::array<char, 16 << 10> buffer;
  auto count = ::recv(socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count > 0)
    seen.bytes += static_cast<uint64_t>(count);
  return count > 0;
}

/// Keeps all streams open, forever.
void watch(uint16_t port, crowd_view& seen) {
  std::vector<file_descriptor> streams(crowd_streams);
  for (;;) {
    std::vector<pollfd> entries;
    auto open = 0;
    for (auto& one : streams) {
      if (!one)
        one = connect_and_send(
          port, "GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
      open += one ? 1 : 0;
      entries.push_back({one.get(), POLLIN, 0});
    }
    seen.streams = std::max(seen.streams.load(), open);
    ::poll(entries.data(), entries.size(), 50);
    for (size_t i = 0; i < streams.size(); ++i)
      if (entries[i].revents != 0 && !read_some(streams[i], seen))
        streams[i] = {};
  }
}

/// Sends the next byte of each head, forever.
void drip(uint16_t port, crowd_view& seen) {
  std::vector<file_descriptor> drips(crowd_drips);
  for (;;) {
    for (auto& one : drips) {
      if (!one) {
        one = connect_and_send(port, "GET /");
      } else if (send_text(one, "x")) {
        ++seen.dripped;
      } else {
        one = {};
        ++seen.cut;
      }
    }
    std::this_thread::sleep_for(between_drips);
  }
}

} // namespace

crowd_process::crowd_process(uint16_t port) {
  auto* memory = ::mmap(nullptr, sizeof(crowd_view), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    std::abort();
  seen_ = new (memory) crowd_view;
  pid_ = ::fork();
  if (pid_ == 0) {
    std::thread dripping{[&] { drip(port, *seen_); }};
    watch(port, *seen_);
  }
}

crowd_process::~crowd_process() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  ::munmap(seen_, sizeof(crowd_view));
}

health_probe::health_probe(uint16_t port)
    : port_{port}, thread_{[this] { run(); }} {}

health_probe::~health_probe() {
  end();
}

void health_probe::end() {
  is_ending_ = true;
  if (thread_.joinable())
    thread_.join();
}

void health_probe::run() {
  auto failed = 0;
  while (!is_ending_) {
    auto begin = std::chrono::steady_clock::now();
    std::array<char, 1'024> buffer{};
    auto socket = connect_and_send(
      port_, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    auto count =
      socket ? ::recv(socket.get(), buffer.data(), buffer.size(), 0) : 0;
    std::chrono::duration<double, std::milli> took =
      std::chrono::steady_clock::now() - begin;
    std::string_view reply{buffer.data(),
                           static_cast<size_t>(std::max<ssize_t>(count, 0))};
    if (reply.starts_with("HTTP/1.1 200 ")) {
      slowest_ms_ = std::max(slowest_ms_, took.count());
      failures_ += answers_++ > 0 ? failed : 0;
      failed = 0;
    } else {
      ++failed;
    }
    std::this_thread::sleep_for(between_probes);
  }
}

} // namespace sluice::bench

#include "tests/support/scripted_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <utility>

namespace sluice::test {

namespace {

using then = scripted_reply::then;

/// A socket bound to a free port of the loopback, and that port.
std::pair<int, uint16_t> bind_free_port() {
  auto socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (bind(socket, raw, size) != 0 || getsockname(socket, raw, &size) != 0)
    throw std::runtime_error{"no free port"};
  return {socket, ntohs(address.sin_port)};
}

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    auto sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

/// The size of the first whole request in `text`, or of its head; 0 when it is
/// not there yet.
size_t request_size(const std::string& text, bool head_only) {
  auto head = text.find("\r\n\r\n");
  if (head == std::string::npos)
    return 0;
  head += 4;
  if (head_only)
    return head;
  constexpr std::string_view name = "\r\nContent-Length: ";
  auto length = text.find(name);
  auto body = length < head
                ? std::strtoul(text.c_str() + length + name.size(), nullptr, 10)
                : 0;
  return text.size() < head + body ? 0 : head + body;
}

void reset(int socket) {
  linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/// Blocks until the other side closes, or the server ends.
void drain(int socket) {
  char bytes[4096];
  while (recv(socket, bytes, sizeof bytes, 0) > 0)
    ;
}

} // namespace

std::string http_text(int status, std::string_view body,
                      const std::vector<std::string>& headers) {
  auto text = "HTTP/1.1 " + std::to_string(status) + " Word\r\n";
  for (const auto& line : headers)
    text += line + "\r\n";
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return text + std::string{body};
}

std::string json_text(std::string_view body) {
  return http_text(200, body, {"Content-Type: application/json"});
}

scripted_server::scripted_server(std::vector<connection_script> scripts)
    : scripts_{std::move(scripts)} {
  std::tie(listener_, port_) = bind_free_port();
  if (listen(listener_, 64) != 0)
    throw std::runtime_error{"cannot listen"};
  acceptor_ = std::thread{[this] { accept_all(); }};
}

scripted_server::~scripted_server() {
  {
    std::lock_guard lock{mutex_};
    ending_ = true;
    for (auto socket : sockets_)
      shutdown(socket, SHUT_RDWR);
  }
  changed_.notify_all();
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (auto& each : players_)
    each.join();
  close(listener_);
}

std::string scripted_server::base() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

std::vector<std::string> scripted_server::requests() const {
  std::lock_guard lock{mutex_};
  return requests_;
}

size_t scripted_server::connections() const {
  std::lock_guard lock{mutex_};
  return connections_;
}

bool scripted_server::wait_for_requests(size_t count) const {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, std::chrono::seconds{10},
                           [&] { return requests_.size() >= count; });
}

void scripted_server::accept_all() {
  for (;;) {
    auto socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0)
      return;
    std::lock_guard lock{mutex_};
    auto index = connections_++;
    if (ending_ || index >= scripts_.size()) {
      close(socket);
      continue;
    }
    sockets_.push_back(socket);
    players_.emplace_back([this, socket, index] {
      play(socket, scripts_[index]);
      std::lock_guard end{mutex_};
      sockets_.erase(std::find(sockets_.begin(), sockets_.end(), socket));
      close(socket);
    });
  }
}

void scripted_server::play(int socket, const connection_script& script) {
  std::string pending;
  for (const auto& reply : script) {
    if (!read_request(socket, pending, reply.early))
      return;
    if (reply.after == then::dribble)
      return dribble(socket, reply.bytes);
    if (!send_all(socket, reply.bytes))
      return;
    if (reply.after == then::reset)
      reset(socket);
    if (reply.after == then::hang)
      drain(socket);
    if (reply.after != then::keep)
      return;
  }
}

bool scripted_server::read_request(int socket, std::string& pending,
                                   bool head_only) {
  char bytes[4096];
  size_t size = 0;
  while ((size = request_size(pending, head_only)) == 0) {
    auto got = recv(socket, bytes, sizeof bytes, 0);
    if (got <= 0)
      return false;
    pending.append(bytes, static_cast<size_t>(got));
  }
  {
    std::lock_guard lock{mutex_};
    requests_.push_back(pending.substr(0, size));
  }
  changed_.notify_all();
  pending.erase(0, size);
  return true;
}

void scripted_server::dribble(int socket, const std::string& bytes) {
  auto open = send_all(socket, bytes);
  std::unique_lock lock{mutex_};
  while (open && !ending_) {
    changed_.wait_for(lock, std::chrono::milliseconds{2});
    open = send_all(socket, std::string_view{bytes}.substr(bytes.size() - 1));
  }
}

uint16_t unused_port() {
  auto [socket, port] = bind_free_port();
  close(socket);
  return port;
}

} // namespace sluice::test

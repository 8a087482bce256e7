#include "tests/support/scripted_server.hpp"

#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <utility>

namespace sluice::test {

namespace {

using then = scripted_reply::then;

/// A socket bound to a free loopback port, and that port.
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

/// The size of the first whole request in `text`, or of its head. 0 if it is
/// not complete yet.
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

/// OpenSSL writes without MSG_NOSIGNAL. This affects only the current thread,
/// which ends with its connection.
void ignore_broken_pipes() {
  sigset_t pipes;
  sigemptyset(&pipes);
  sigaddset(&pipes, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipes, nullptr);
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

/// The other end of one connection, plain or TLS.
class scripted_server::peer {
public:
  explicit peer(int socket) : socket_{socket} {}
  ~peer() {
    if (tls_ != nullptr)
      SSL_free(tls_);
  }
  peer(const peer&) = delete;
  peer& operator=(const peer&) = delete;

  [[nodiscard]] bool start_tls(SSL_CTX* context) {
    tls_ = SSL_new(context);
    SSL_set_fd(tls_, socket_);
    open_ = SSL_accept(tls_) == 1;
    return open_;
  }

  [[nodiscard]] ssize_t receive(char* out, size_t size) {
    return tls_ != nullptr ? SSL_read(tls_, out, static_cast<int>(size))
                           : recv(socket_, out, size, 0);
  }

  [[nodiscard]] bool send_all(std::string_view bytes) {
    while (!bytes.empty()) {
      auto sent =
        tls_ != nullptr
          ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
          : send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0)
        return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  /// Blocks until the other side closes or the server ends.
  void drain() {
    char bytes[4096];
    while (receive(bytes, sizeof bytes) > 0)
      ;
  }

  void reset() { test::reset(socket_); }

  void announce_end() {
    if (open_)
      SSL_shutdown(tls_);
  }

private:
  int socket_;
  SSL* tls_ = nullptr;
  bool open_ = false;
};

scripted_server::scripted_server(std::vector<connection_script> scripts,
                                 const identity* proven_by)
    : scripts_{std::move(scripts)} {
  if (proven_by != nullptr)
    tls_.reset(proven_by->server_context(), SSL_CTX_free);
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

bool scripted_server::wait_for(const std::function<bool()>& condition) const {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, std::chrono::seconds{10}, condition);
}

bool scripted_server::wait_for_requests(size_t count) const {
  return wait_for([&] { return requests_.size() >= count; });
}

bool scripted_server::wait_for_replies(size_t count) const {
  return wait_for([&] { return replies_ >= count; });
}

std::optional<size_t> scripted_server::bytes_read_at_end() const {
  if (!wait_for([&] { return connections_ > 0 && sockets_.empty(); }))
    return std::nullopt;
  std::lock_guard lock{mutex_};
  return bytes_read_;
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
      ignore_broken_pipes();
      {
        peer client{socket};
        play(client, scripts_[index]);
      }
      {
        std::lock_guard end{mutex_};
        sockets_.erase(std::find(sockets_.begin(), sockets_.end(), socket));
        close(socket);
      }
      changed_.notify_all();
    });
  }
}

void scripted_server::play(peer& client, const connection_script& script) {
  auto later = !script.empty() && script.front().after == then::tls;
  if (tls_ != nullptr && !later && !client.start_tls(tls_.get()))
    return;
  std::string pending;
  for (const auto& reply : script)
    if (!answer(client, reply, pending))
      return;
  client.announce_end();
}

/// False if this was the connection's last reply.
bool scripted_server::answer(peer& client, const scripted_reply& reply,
                             std::string& pending) {
  if (!reply.unasked && !read_request(client, pending, reply.early))
    return false;
  if (reply.after == then::dribble) {
    dribble(client, reply.bytes);
    return false;
  }
  if (!client.send_all(reply.bytes))
    return false;
  {
    std::lock_guard lock{mutex_};
    ++replies_;
  }
  changed_.notify_all();
  switch (reply.after) {
    case then::keep:
      return true;
    case then::tls:
      return client.start_tls(tls_.get());
    case then::flood:
      while (client.send_all(reply.again))
        ;
      return false;
    case then::reset:
      client.reset();
      return false;
    case then::hang:
      client.drain();
      return false;
    case then::close:
      client.announce_end();
      return false;
    default:
      return false;
  }
}

bool scripted_server::read_request(peer& client, std::string& pending,
                                   bool head_only) {
  char bytes[4096];
  size_t size = 0;
  while ((size = request_size(pending, head_only)) == 0) {
    auto got = client.receive(bytes, sizeof bytes);
    if (got <= 0)
      return false;
    {
      std::lock_guard lock{mutex_};
      bytes_read_ += static_cast<size_t>(got);
    }
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

void scripted_server::dribble(peer& client, const std::string& bytes) {
  auto open = client.send_all(bytes);
  std::unique_lock lock{mutex_};
  while (open && !ending_) {
    changed_.wait_for(lock, std::chrono::milliseconds{2});
    open = client.send_all(std::string_view{bytes}.substr(bytes.size() - 1));
  }
}

uint16_t unused_port() {
  auto [socket, port] = bind_free_port();
  close(socket);
  return port;
}

} // namespace sluice::test

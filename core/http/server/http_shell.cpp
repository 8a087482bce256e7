#include "core/http/server/http_shell.hpp"

#include "core/http/server/connection.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

namespace sluice::web {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr int backlog = 512;

/// How long a thread waits for its client's next request, which spares a busy
/// client the change of threads.
constexpr auto next_request_time = 20ms;

/// Unlike the library's default, reports a port that is already in use.
void set_reuse_address(socket_t socket) {
  int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

} // namespace

/// Allows a request in progress to be cut while its socket is open.
class http_shell::presence {
public:
  presence(http_shell& shell, int socket) : shell_{shell}, socket_{socket} {
    std::lock_guard guard{shell_.mutex_};
    may_stay_ = !shell_.is_stopping_;
    if (may_stay_)
      shell_.open_.insert(socket_);
  }
  ~presence() { leave(); }
  presence(const presence&) = delete;
  presence& operator=(const presence&) = delete;

  void leave() {
    std::lock_guard guard{shell_.mutex_};
    shell_.open_.erase(std::exchange(socket_, -1));
  }

  [[nodiscard]] bool may_stay() const { return may_stay_; }

private:
  http_shell& shell_;
  int socket_;
  bool may_stay_ = false;
};

// -- lifetime -----------------------------------------------------------------

http_shell::http_shell(const shell_limits& limits, refusal_form form)
    : limits_{limits}, form_{std::move(form)} {
  set_socket_options(set_reuse_address);
  set_keep_alive_max_count(1'000'000);
  set_keep_alive_timeout(
    std::chrono::duration_cast<std::chrono::seconds>(limits.idle_time).count());
}

http_shell::~http_shell() {
  if (auto listener = svr_sock_.exchange(INVALID_SOCKET);
      listener != INVALID_SOCKET)
    ::close(listener);
}

int http_shell::bind(const std::string& host, int port) {
  auto bound = port == 0                  ? bind_to_any_port(host)
               : bind_to_port(host, port) ? port
                                          : 0;
  if (bound <= 0)
    return 0;
  // The library's own backlog of 5 delays clients that arrive together.
  if (::listen(svr_sock_, backlog) != 0
      || ::fcntl(svr_sock_, F_SETFL, O_NONBLOCK) != 0)
    return 0;
  try {
    lobby_ =
      std::make_unique<lobby>(svr_sock_, limits_, form_, [this](visitor& who) {
        return pool_->try_push(who);
      });
    pool_ = std::make_unique<worker_pool>(
      limits_.threads, limits_.most_queued,
      [this](visitor who) { work(std::move(who)); });
  } catch (const std::system_error& failed) {
    errno = failed.code().value();
    return 0;
  }
  return bound;
}

bool http_shell::is_loopback() const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(svr_sock_, reinterpret_cast<sockaddr*>(&address), &size)
      != 0)
    return false;
  if (address.ss_family == AF_INET6)
    return IN6_IS_ADDR_LOOPBACK(
      &reinterpret_cast<sockaddr_in6&>(address).sin6_addr);
  auto ip = ntohl(reinterpret_cast<sockaddr_in&>(address).sin_addr.s_addr);
  return address.ss_family == AF_INET && ip >> 24 == IN_LOOPBACKNET;
}

void http_shell::serve() {
  lobby_->run();
  ::close(svr_sock_.exchange(INVALID_SOCKET));
  pool_->stop();
}

void http_shell::shut_down() {
  {
    std::lock_guard guard{mutex_};
    is_stopping_ = true;
    for (auto socket : open_)
      ::shutdown(socket, SHUT_RDWR);
  }
  if (lobby_)
    lobby_->stop();
}

// -- a connection's requests --------------------------------------------------

void http_shell::work(visitor who) noexcept {
  try {
    connection client{std::move(who.socket), limits_};
    presence here{*this, client.socket()};
    // The new owner may close the socket, and its number may be reused.
    client.on_take_over([&] { here.leave(); });
    if (here.may_stay())
      serve_requests(client, std::move(who), here);
  } catch (...) {
    // The connection is closed; nothing else depends on it.
  }
}

void http_shell::serve_requests(connection& client, visitor who,
                                presence& here) {
  while (serve_one(client, who)) {
    who = {.bytes = client.take_rest(),
           .head = request_head{limits_.most_body}};
    if (!read_on(client.socket(), who))
      return;
    auto state = who.head.state();
    if (state == head_state::complete && !pool_->is_short())
      continue;
    here.leave();
    if (state == head_state::refused)
      return lobby_->refuse(client.take_socket(), who.head.why());
    who.socket = client.take_socket();
    return lobby_->await_request(std::move(who));
  }
  here.leave();
  if (!client.is_silent())
    lobby_->send(client.take_socket(), client.take_reply());
}

/// False if no further request can come.
bool http_shell::serve_one(connection& client, visitor& who) {
  client.begin(who.head, std::exchange(who.bytes, {}));
  // Only the library knows where a chunked body ends.
  auto is_last =
    !limits_.keep_alive || who.head.closes() || who.head.is_chunked();
  auto is_closed = false;
  return process_request(client, is_last, is_closed, nullptr) && !is_last
         && !is_closed && client.can_go_on();
}

/// Reads the next head if it arrives soon. False if the client closed.
bool http_shell::read_on(int socket, visitor& next) const {
  auto until = clock::now();
  if (!pool_->is_short())
    until += next_request_time;
  next.head.read(next.bytes);
  while (next.head.state() == head_state::incomplete) {
    auto left =
      std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
    pollfd entry{socket, POLLIN, 0};
    if (left.count() <= 0
        || ::poll(&entry, 1, static_cast<int>(left.count())) <= 0)
      return true;
    if (!receive_head(socket, next))
      return false;
  }
  return true;
}

} // namespace sluice::web

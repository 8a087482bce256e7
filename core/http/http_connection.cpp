#include "core/http/http_connection.hpp"

#include "core/http/proxy_tunnel.hpp"

#include <cerrno>

namespace sluice {

caf::expected<std::unique_ptr<http_connection>>
http_connection::open(const connection_target& target, connector& connecting,
                      clock::time_point deadline, const stop_switch& stop) {
  const auto& [origin, proxy, context] = target;
  auto socket =
    connecting.connect(proxy ? proxy->host : origin.host,
                       proxy ? proxy->port : origin.port, deadline, stop);
  if (!socket)
    return socket.error();
  std::unique_ptr<http_connection> made{
    new http_connection{std::move(*socket), stop}};
  made->set_deadline(deadline);
  if (!origin.tls)
    return made;
  if (proxy)
    if (auto err = open_tunnel(made->socket_, origin, *proxy))
      return err;
  auto session = tls_session::begin(context, made->socket_, origin.host);
  if (!session)
    return session.error();
  made->tls_ = std::move(*session);
  return made;
}

bool http_connection::begin(clock::time_point deadline) {
  set_deadline(deadline);
  if (tls_ != nullptr)
    return tls_->is_quiet();
  char byte = 0;
  socket_.set_waiting(false);
  auto got = socket_.receive(&byte, 1);
  auto is_quiet = got < 0 && errno == EAGAIN;
  socket_.set_waiting(true);
  return is_quiet;
}

ssize_t http_connection::receive(char* out, size_t size) {
  return tls_ != nullptr ? tls_->receive(out, size)
                         : socket_.receive(out, size);
}

bool http_connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    auto sent = tls_ != nullptr ? tls_->send(bytes.data(), bytes.size())
                                : socket_.send(bytes.data(), bytes.size());
    if (sent <= 0)
      return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

} // namespace sluice

#include "core/http_connection.hpp"

#include "core/percent_encoding.hpp"
#include "core/url.hpp"

#include <sys/socket.h>
#include <sys/time.h>

#include <functional>

namespace sluice {

namespace {

void set_timeouts(int socket, std::chrono::milliseconds timeout) {
  timeval time{};
  time.tv_sec = timeout.count() / 1000;
  time.tv_usec = timeout.count() % 1000 * 1000;
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

template <class Base>
class client final : public Base {
public:
  client(const connection_options& options, stream_context& context,
         socket_switch& connection)
      : Base{options.origin.host, options.origin.port},
        peer_{options.proxy ? options.proxy->host : options.origin.host},
        peer_port_{options.proxy ? options.proxy->port : options.origin.port},
        timeout_{options.timeout},
        context_{context},
        connection_{connection} {}

private:
  using socket_type = typename Base::Socket;

  static SSL* tls_of(const socket_type& socket) { return socket.ssl; }

  /// cpp-httplib would try one address after the other, each for as long as
  /// the whole exchange may last.
  bool create_and_connect_socket(socket_type& socket,
                                 httplib::Error& error) override {
    error = httplib::Error::Connection;
    if (!this->is_valid())
      return false;
    auto made = context_.connecting.connect(peer_, peer_port_,
                                            context_.log.deadline, connection_);
    if (!made)
      return false;
    set_timeouts(made.get(), timeout_);
    socket.sock = made.release();
    error = httplib::Error::Success;
    return true;
  }

  bool process_socket(const socket_type& socket,
                      std::function<bool(httplib::Stream&)> talk) override {
    http_stream stream{socket.sock, tls_of(socket), context_.buffer,
                       context_.log, connection_};
    return talk(stream);
  }

  std::string peer_;
  uint16_t peer_port_;
  std::chrono::milliseconds timeout_;
  stream_context& context_;
  socket_switch& connection_;
};

std::unique_ptr<httplib::ClientImpl>
make_client(const connection_options& options, stream_context& context,
            socket_switch& connection) {
  if (options.origin.tls)
    return std::make_unique<client<httplib::SSLClient>>(options, context,
                                                        connection);
  return std::make_unique<client<httplib::ClientImpl>>(options, context,
                                                       connection);
}

void use_proxy(httplib::ClientImpl& client, const proxy_address& proxy) {
  client.set_proxy(proxy.host, proxy.port);
  if (!proxy.user.empty())
    client.set_proxy_basic_auth(proxy.user, proxy.password);
}

} // namespace

std::optional<proxy_address> read_proxy(const std::string& text) {
  auto origin = origin_of(text);
  if (!origin || origin->tls)
    return std::nullopt;
  proxy_address result;
  result.host = origin->host;
  result.port = origin->port;
  auto user_info = split_http_url(text)->user_info;
  auto colon = user_info.find(':');
  result.user = percent_decode(user_info.substr(0, colon));
  if (colon != std::string_view::npos)
    result.password = percent_decode(user_info.substr(colon + 1));
  return result;
}

http_connection::http_connection(const connection_options& options,
                                 stream_context& context)
    : client_{make_client(options, context, switch_)} {
  client_->set_connection_timeout(options.timeout);
  client_->set_read_timeout(options.timeout);
  client_->set_write_timeout(options.timeout);
  client_->set_keep_alive(options.keep);
  client_->set_decompress(false); // it stops after the first gzip member
  client_->set_follow_location(false);
  client_->set_url_encode(false); // targets come encoded
  client_->enable_server_certificate_verification(true);
  if (!options.ca_file.empty())
    client_->set_ca_cert_path(options.ca_file);
  if (options.proxy)
    use_proxy(*client_, *options.proxy);
}

} // namespace sluice

#include "core/http_connection.hpp"

#include "core/percent_encoding.hpp"
#include "core/url.hpp"

#include <functional>

namespace sluice {

namespace {

template <class Base>
class client final : public Base {
public:
  client(const http_origin& origin, stream_context& context)
      : Base{origin.host, origin.port}, context_{context} {}

private:
  using socket_type = typename Base::Socket;

  static SSL* tls_of(const socket_type& socket) { return socket.ssl; }

  bool process_socket(const socket_type& socket,
                      std::function<bool(httplib::Stream&)> talk) override {
    http_stream stream{socket.sock, tls_of(socket), context_.buffer,
                       context_.log};
    return talk(stream);
  }

  stream_context& context_;
};

std::unique_ptr<httplib::ClientImpl>
make_client(const http_origin& origin, stream_context& context) {
  if (origin.tls)
    return std::make_unique<client<httplib::SSLClient>>(origin, context);
  return std::make_unique<client<httplib::ClientImpl>>(origin, context);
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
    : client_{make_client(options.origin, context)} {
  client_->set_connection_timeout(options.timeout);
  client_->set_read_timeout(options.timeout);
  client_->set_write_timeout(options.timeout);
  client_->set_keep_alive(options.keep);
  client_->set_decompress(options.decode);
  client_->set_follow_location(false);
  client_->set_url_encode(false); // targets come encoded
  client_->set_tcp_nodelay(true);
  client_->set_socket_options([this](int socket) { switch_.attach(socket); });
  client_->enable_server_certificate_verification(true);
  if (!options.ca_file.empty())
    client_->set_ca_cert_path(options.ca_file);
  if (options.proxy)
    use_proxy(*client_, *options.proxy);
}

} // namespace sluice

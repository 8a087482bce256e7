#include "core/http/http_transport.hpp"

#include "core/base/error.hpp"
#include "core/http/http_connection.hpp"
#include "core/http/http_exchange.hpp"

#include <exception>
#include <map>
#include <span>
#include <vector>

namespace sluice {

namespace {

using connection_ptr = std::unique_ptr<http_connection>;

/// Links can lead anywhere; connections to this many servers are kept.
constexpr size_t max_kept = 4;

/// The timeout restarts after each part of this size in a long body.
constexpr uint64_t timed_part = 1 << 20;

constexpr size_t buffer_bytes = 64 * 1024;

std::string seconds_of(std::chrono::milliseconds time) {
  auto text = std::to_string(time.count() / 1000);
  if (auto rest = time.count() % 1000; rest != 0)
    text += '.' + std::to_string(1000 + rest).substr(1);
  return text + " s";
}

std::string key_of(const http_origin& origin) {
  return (origin.tls ? "tls " : "") + origin.host + ' '
         + std::to_string(origin.port);
}

} // namespace

struct http_transport::impl {
  explicit impl(transport_options given)
      : options{std::move(given)},
        connecting{options.resolve},
        buffer(buffer_bytes) {
    if (!options.proxy.empty())
      proxy = read_proxy(options.proxy);
  }

  http_reply
  exchange(const http_request& request, const body_receiver* receiver);
  [[nodiscard]] caf::expected<connection_ptr>
  open(const http_origin& origin, http_connection::clock::time_point deadline);
  [[nodiscard]] connection_ptr
  kept(const http_origin& origin, http_connection::clock::time_point deadline);
  void keep(const http_origin& origin, connection_ptr connection);
  bool
  write(http_connection& connection, const http_request& request, bool is_tls);
  bool read(http_connection& connection, http_exchange& state);
  [[nodiscard]] std::string
  explain(const http_origin& origin, const http_exchange& state, bool is_over);
  [[nodiscard]] http_reply
  not_sent(const http_origin& origin, const caf::error& why, bool is_late);

  transport_options options;
  std::optional<proxy_address> proxy;
  stop_switch stop;
  connector connecting;
  std::shared_ptr<tls_context> context; ///< from the first use of TLS
  std::vector<char> buffer;
  bool wrote = false; ///< a byte of the request may have been sent
  std::map<std::string, connection_ptr> connections;
};

caf::expected<connection_ptr>
http_transport::impl::open(const http_origin& origin,
                           http_connection::clock::time_point deadline) {
  if (origin.tls && context == nullptr) {
    auto loaded = tls_context::shared(options.ca_file);
    if (!loaded)
      return loaded.error();
    context = std::move(*loaded);
  }
  return http_connection::open({origin, proxy, context}, connecting, deadline,
                               stop);
}

/// Takes the connection out of the cache while it is in use.
connection_ptr
http_transport::impl::kept(const http_origin& origin,
                           http_connection::clock::time_point deadline) {
  auto found = connections.extract(key_of(origin));
  if (!found || !found.mapped()->begin(deadline))
    return nullptr;
  return std::move(found.mapped());
}

void http_transport::impl::keep(const http_origin& origin,
                                connection_ptr connection) {
  if (connections.size() >= max_kept)
    connections.clear();
  connections.emplace(key_of(origin), std::move(connection));
}

/// False if not all of it was accepted: the server may already have replied
/// (RFC 9112, 9.5).
bool http_transport::impl::write(http_connection& connection,
                                 const http_request& request, bool is_tls) {
  constexpr size_t sent_as_one = 64 * 1024;
  auto text = request_head(request, proxy && !is_tls ? &*proxy : nullptr);
  std::string_view rest = request.body;
  if (rest.size() <= sent_as_one)
    text += std::exchange(rest, {});
  if (connection.is_over())
    return false;
  wrote = true;
  return connection.send(text) && connection.send(rest);
}

/// Reads the reply; false if data follows it.
bool http_transport::impl::read(http_connection& connection,
                                http_exchange& state) {
  std::string_view input;
  while (!state.is_over()) {
    auto room = state.body_room();
    std::span<char> target = room.empty() ? std::span{buffer} : room;
    auto got = connection.receive(target.data(), target.size());
    if (got == 0)
      state.on_close();
    if (got <= 0)
      break;
    if (!room.empty()) {
      state.on_received(static_cast<size_t>(got));
      continue;
    }
    input = {buffer.data(), static_cast<size_t>(got)};
    auto before = state.received() / timed_part;
    state.on_bytes(input);
    if (state.receives() && state.received() / timed_part > before)
      connection.set_deadline(http_exchange::clock::now() + options.timeout);
  }
  return input.empty();
}

std::string http_transport::impl::explain(const http_origin& origin,
                                          const http_exchange& state,
                                          bool is_over) {
  auto server = server_name(origin.host, origin.port);
  if (stop.is_cut())
    return "stopped while talking to " + server;
  if (auto defect = state.defect(); !defect.empty())
    return "the reply from " + server + ' ' + defect;
  if (is_over)
    return "no complete reply from " + server + " within "
           + seconds_of(options.timeout);
  return "the connection to " + server + " broke before the reply was complete";
}

http_reply http_transport::impl::not_sent(const http_origin& origin,
                                          const caf::error& why, bool is_late) {
  http_reply reply;
  reply.outcome = transport_outcome::not_sent;
  reply.hopeless = code_of(why) == ec::usage;
  reply.hopeless_after = wait_of(why);
  reply.detail = what_of(why);
  if (stop.is_cut())
    reply.detail =
      "stopped while talking to " + server_name(origin.host, origin.port);
  else if (is_late && !reply.hopeless)
    reply.detail += " within " + seconds_of(options.timeout);
  return reply;
}

http_reply http_transport::impl::exchange(const http_request& request,
                                          const body_receiver* receiver) {
  auto origin = *origin_of(request.url);
  http_exchange state{request.method, options.max_body, receiver};
  auto deadline = state.began() + options.timeout;
  auto is_late = [&] { return http_exchange::clock::now() >= deadline; };
  wrote = false;
  auto connection = request.fresh_connection ? nullptr : kept(origin, deadline);
  if (connection == nullptr) {
    auto opened = open(origin, deadline);
    if (!opened) {
      connecting.judge_last(false);
      return not_sent(origin, opened.error(), is_late());
    }
    connection = std::move(*opened);
  }
  auto heard = write(*connection, request, origin.tls);
  if (!wrote)
    return not_sent(
      origin,
      make_error(ec::unavailable,
                 "no connection to " + server_name(origin.host, origin.port)),
      true);
  auto alone = read(*connection, state);
  auto outcome = state.finish();
  auto is_over = connection->is_over();
  auto detail = outcome == transport_outcome::complete
                  ? std::string{}
                  : explain(origin, state, is_over);
  auto keeps = outcome == transport_outcome::complete && heard && alone
               && state.keeps_connection() && !request.fresh_connection;
  if (keeps)
    keep(origin, std::move(connection));
  auto reply = state.take();
  reply.outcome = outcome;
  reply.detail = std::move(detail);
  connecting.judge_last(reply.status != 0);
  return reply;
}

http_transport::http_transport(transport_options options)
    : impl_{std::make_unique<impl>(std::move(options))} {}

http_transport::~http_transport() = default;

http_reply http_transport::exchange(const http_request& request) {
  return run(request, nullptr);
}

http_reply http_transport::exchange(const http_request& request,
                                    const body_receiver& receiver) {
  return run(request, &receiver);
}

http_reply http_transport::run(const http_request& request,
                               const body_receiver* receiver) {
  http_reply failed;
  failed.outcome = transport_outcome::not_sent;
  if (auto defect = defect_of(request))
    failed.detail = defect;
  else if (!impl_->options.proxy.empty() && !impl_->proxy)
    failed.detail = "api.proxy is not of the form http://host:port";
  else if (impl_->stop.is_cut())
    failed.detail = "stopped";
  failed.hopeless = !failed.detail.empty() && !impl_->stop.is_cut();
  if (!failed.detail.empty())
    return failed;
  try {
    return impl_->exchange(request, receiver);
  } catch (const std::exception& e) {
    if (impl_->wrote)
      failed.outcome = transport_outcome::broken;
    failed.detail = std::string{"the exchange failed: "} + e.what();
    impl_->connections.clear();
    return failed;
  }
}

void http_transport::stop() {
  impl_->stop.cut();
}

} // namespace sluice

#include "core/http_transport.hpp"

#include "core/error.hpp"
#include "core/http_connection.hpp"
#include "core/http_exchange.hpp"
#include "core/watchdog.hpp"

#include <csignal>
#include <exception>
#include <map>
#include <mutex>

namespace sluice {

namespace {

/// Links may lead anywhere; this many servers are kept connected.
constexpr size_t max_kept = 4;

/// A long body has the exchange's time for each part of this size.
constexpr uint64_t timed_part = 1 << 20;

/// A write to a connection that is gone must fail, not end the process; TLS
/// writes have no flag for that.
void ignore_broken_pipes() {
  static const bool done = [] {
    struct sigaction now {};
    if (sigaction(SIGPIPE, nullptr, &now) == 0 && now.sa_handler == SIG_DFL)
      std::signal(SIGPIPE, SIG_IGN);
    return true;
  }();
  static_cast<void>(done);
}

std::string seconds_of(std::chrono::milliseconds time) {
  auto text = std::to_string(time.count() / 1000);
  if (auto rest = time.count() % 1000; rest != 0)
    text += '.' + std::to_string(1000 + rest).substr(1);
  return text + " s";
}

std::string name_of(const http_origin& origin) {
  return printable(origin.host, 100) + ':' + std::to_string(origin.port);
}

std::string key_of(const http_origin& origin) {
  return (origin.tls ? "tls " : "") + origin.host + ' '
         + std::to_string(origin.port);
}

/// What stop and the thread in an exchange share.
class stop_switch {
public:
  [[nodiscard]] bool stopped() {
    std::lock_guard lock{mutex_};
    return stopped_;
  }

  void stop() {
    std::lock_guard lock{mutex_};
    stopped_ = true;
    if (current_ != nullptr)
      current_->hurry();
  }

  /// The current watch lasts until `deadline`, unless all shall stop.
  void postpone(watchdog::clock::time_point deadline) {
    std::lock_guard lock{mutex_};
    if (current_ != nullptr && !stopped_)
      current_->postpone(deadline);
  }

  /// Names the watch that `stop` must hurry; null: none.
  void set_current(watchdog::guard* guard) {
    std::lock_guard lock{mutex_};
    current_ = guard;
    if (stopped_ && guard != nullptr)
      guard->hurry();
  }

private:
  std::mutex mutex_;
  bool stopped_ = false;
  watchdog::guard* current_ = nullptr;
};

/// Watches a connection until `end`, or the end of its scope.
class exchange_watch {
public:
  exchange_watch(watchdog& dog, stop_switch& stop, http_connection& connection,
                 watchdog::clock::time_point deadline)
      : stop_{stop}, guard_{dog, deadline, [&connection] {
                              connection.cut();
                            }} {
    stop_.set_current(&guard_);
  }

  ~exchange_watch() { end(); }

  /// True when the exchange was cut.
  bool end() {
    stop_.set_current(nullptr);
    return guard_.release();
  }

private:
  stop_switch& stop_;
  watchdog::guard guard_;
};

} // namespace

struct http_transport::impl {
  explicit impl(transport_options given) : options{std::move(given)} {
    ignore_broken_pipes();
    if (!options.proxy.empty())
      proxy = read_proxy(options.proxy);
  }

  [[nodiscard]] connection_options
  for_origin(const http_origin& origin, bool keep) const;
  http_connection& kept(const http_origin& origin);
  http_reply
  exchange(const http_request& request, const body_receiver* receiver);
  void prepare(httplib::Request& outgoing, http_exchange& state,
               const http_origin& origin);
  [[nodiscard]] transport_outcome judge(http_exchange& state, bool sent) const;
  [[nodiscard]] std::string explain(const http_origin& origin,
                                    const http_exchange& state,
                                    httplib::Error error);

  transport_options options;
  std::optional<proxy_address> proxy;
  std::shared_ptr<watchdog> dog = watchdog::shared();
  stop_switch stop;
  stream_context context{options.resolve};
  bool cut = false; ///< the exchange was
  std::map<std::string, std::unique_ptr<http_connection>> connections;
};

connection_options
http_transport::impl::for_origin(const http_origin& origin, bool keep) const {
  return {.origin = origin,
          .proxy = proxy,
          .ca_file = options.ca_file,
          .timeout = options.timeout + std::chrono::seconds{1},
          .keep = keep};
}

http_connection& http_transport::impl::kept(const http_origin& origin) {
  auto key = key_of(origin);
  if (auto found = connections.find(key); found != connections.end())
    return *found->second;
  if (connections.size() >= max_kept)
    connections.clear();
  auto made =
    std::make_unique<http_connection>(for_origin(origin, true), context);
  return *connections.emplace(key, std::move(made)).first->second;
}

void http_transport::impl::prepare(httplib::Request& outgoing,
                                   http_exchange& state,
                                   const http_origin& origin) {
  // httplib would send the proxy's password through the tunnel, too.
  if (proxy && !proxy->user.empty() && origin.tls)
    outgoing.headers.emplace("Proxy-Authorization", "");
  outgoing.response_handler = [&](const httplib::Response&) {
    return state.on_head();
  };
  outgoing.content_receiver = [&](const char* data, size_t size, uint64_t,
                                  uint64_t) {
    auto before = state.received() / timed_part;
    auto wanted = state.on_body(data, size);
    if (state.receives() && state.received() / timed_part > before)
      stop.postpone(http_exchange::clock::now() + options.timeout);
    return wanted;
  };
}

/// Where only the connection's end ends a body, our own cut must not.
transport_outcome
http_transport::impl::judge(http_exchange& state, bool sent) const {
  const auto& log = context.log;
  if (!log.wrote)
    return transport_outcome::not_sent;
  auto whole = sent && log.framing.complete() && (log.framing.framed() || !cut)
               && state.unpack();
  if (state.too_large())
    return transport_outcome::too_large;
  return whole ? transport_outcome::complete : transport_outcome::broken;
}

std::string http_transport::impl::explain(const http_origin& origin,
                                          const http_exchange& state,
                                          httplib::Error error) {
  using httplib::Error;
  const auto& log = context.log;
  auto server = name_of(origin);
  auto in_time = cut ? " within " + seconds_of(options.timeout) : "";
  if (cut && stop.stopped())
    return "stopped while talking to " + server;
  if (error == Error::SSLLoadingCerts)
    return "the authorities in api.ca_file cannot be loaded; correct it";
  if (error == Error::SSLServerVerification)
    return "the TLS certificate of " + server
           + " is not trusted; name its authority in api.ca_file";
  if (!log.wrote && error == Error::Success)
    return "the proxy refused the tunnel to " + server + "; check api.proxy";
  if (!log.wrote)
    return "no connection to " + server + in_time;
  if (state.too_large())
    return "the reply of " + server + " is larger than "
           + std::to_string(state.max_bytes()) + " bytes";
  if (log.framing.defect() != nullptr)
    return "the reply of " + server + ' ' + log.framing.defect();
  if (log.overflowed)
    return "the reply of " + server + " has an overlong encoding";
  if (state.unwanted())
    return "the reply of " + server + " was not wanted to its end";
  if (cut)
    return "no whole reply from " + server + in_time;
  return "the connection to " + server + " broke before the reply was whole";
}

http_reply http_transport::impl::exchange(const http_request& request,
                                          const body_receiver* receiver) {
  auto origin = *origin_of(request.url);
  auto& log = context.log = {};
  log.framing = reply_framing{request.method};
  auto most = receiver != nullptr ? receiver->max_bytes : options.max_body;
  log.max_bytes = 2 * most + (1 << 20);
  http_exchange state{options.max_body, receiver, log.framing};
  log.deadline = state.begin() + options.timeout;
  std::optional<http_connection> own;
  auto& connection = request.fresh_connection
                       ? own.emplace(for_origin(origin, false), context)
                       : kept(origin);
  auto outgoing = to_httplib(request);
  prepare(outgoing, state, origin);
  httplib::Response response;
  auto error = httplib::Error::Success;
  exchange_watch watch{*dog, stop, connection, log.deadline};
  auto sent = connection.send(outgoing, response, error);
  auto late = !log.wrote && http_exchange::clock::now() >= log.deadline;
  cut = watch.end() || late;
  auto outcome = judge(state, sent);
  auto reply = state.take();
  reply.outcome = outcome;
  context.connecting.judge_last(reply.status != 0);
  auto complete = outcome == transport_outcome::complete;
  if (!complete)
    reply.detail = explain(origin, state, error);
  auto is_spent = !complete || cut || !log.framing.keeps_connection()
                  || log.unheard || log.left_over;
  if (is_spent && !request.fresh_connection)
    connections.erase(key_of(origin));
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
  else if (impl_->stop.stopped())
    failed.detail = "stopped";
  if (!failed.detail.empty())
    return failed;
  try {
    return impl_->exchange(request, receiver);
  } catch (const std::exception& e) {
    if (impl_->context.log.wrote)
      failed.outcome = transport_outcome::broken;
    failed.detail = std::string{"the exchange failed: "} + e.what();
    impl_->connections.clear();
    return failed;
  }
}

void http_transport::stop() {
  impl_->stop.stop();
}

} // namespace sluice

#include "pipeline/serve/status_server.hpp"

#include "config/serve_address.hpp"
#include "core/http/server/connection.hpp"
#include "core/http/server/http_shell.hpp"
#include "pipeline/serve/event_streams.hpp"
#include "pipeline/serve/live_json.hpp"
#include "pipeline/serve/metrics.hpp"
#include "pipeline/serve/page/page_file.hpp"
#include "pipeline/serve/request_check.hpp"

#include <array>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

namespace sluice {

namespace {

using httplib::Request;
using httplib::Response;

constexpr const char* text_type = "text/plain; charset=utf-8";
constexpr const char* json_type = "application/json";

/// Headers of every reply.
constexpr std::array<std::pair<const char*, const char*>, 5> fields{{
  {"Cache-Control", "no-store"},
  {"X-Content-Type-Options", "nosniff"},
  {"Referrer-Policy", "no-referrer"},
  {"Cross-Origin-Resource-Policy", "same-origin"},
  {"Content-Security-Policy",
   "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
   "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors "
   "'none'"},
}};

/// Requests are few and quick to answer: only the report takes long, and it is
/// read once a second. Event streams need no thread.
web::shell_limits limits() {
  web::shell_limits out;
  out.threads = 4;
  out.most_queued = 64;
  out.most_waiting = 256;
  out.keep_alive = false;
  out.body_time = out.head_time;
  out.most_kept = 4 << 20;
  out.most_unsent = out.most_kept;
  return out;
}

/// The head of a reply that ends when its connection closes.
std::string stream_head() {
  std::string out = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                    "Connection: close\r\n";
  for (auto& [name, value] : fields)
    out.append(name).append(": ").append(value).append("\r\n");
  return out.append("\r\n");
}

void say(Response& reply, int status, const std::string& text) {
  reply.status = status;
  reply.set_content(text + "\n", text_type);
}

/// Why, and what to do.
std::string why_not_bound(int number) {
  const std::string choose = "choose another with --set serve=HOST:PORT";
  if (number == EADDRINUSE)
    return "is in use, perhaps by another job or by a `sluice serve` that is "
           "still running: end the latter, or "
           + choose;
  return std::string{"cannot be used ("}
         + (number == 0 ? "no such host" : std::strerror(number)) + "); "
         + choose;
}

std::string url_of(const serve_settings& where, int port) {
  auto host = where.host.find(':') == std::string::npos
                ? where.host
                : "[" + where.host + "]";
  return "http://" + host + ":" + std::to_string(port) + "/";
}

} // namespace

struct status_server::impl {
  impl(settings config, std::shared_ptr<const live_job> job)
      : reports{std::move(config)},
        live{std::move(job)},
        streams{{[this] { return welcome(); }, [this] { return event(); }}},
        shell{limits()} {}

  [[nodiscard]] caf::error begin(const serve_settings& where);
  void answer(const Request& request, Response& reply);
  void route(const Request& request, Response& reply);
  void send_status(Response& reply);
  void send_readiness(Response& reply);
  void send_metrics(Response& reply);
  void send_events(Response& reply);
  [[nodiscard]] std::string welcome();
  [[nodiscard]] std::string event();
  void stop();

  report_reader reports;
  std::shared_ptr<const live_job> live;
  bool loopback = true;
  std::string url;
  event_streams streams;
  web::http_shell shell;
  std::thread thread;
};

// -- requests -----------------------------------------------------------------

void status_server::impl::answer(const Request& request, Response& reply) {
  for (auto& [name, value] : fields)
    reply.set_header(name, value);
  auto host = request.get_header_value("Host");
  auto site = request.get_header_value("Sec-Fetch-Site");
  if (auto refused =
        check_request({request.method, request.path, host, site}, loopback)) {
    if (refused->status == 405)
      reply.set_header("Allow", "GET");
    return say(reply, refused->status, refused->reason);
  }
  route(request, reply);
}

void status_server::impl::route(const Request& request, Response& reply) {
  auto& path = request.path;
  if (path == "/metrics")
    return send_metrics(reply);
  if (path == "/healthz")
    return say(reply, 200, "ok");
  if (path == "/readyz")
    return send_readiness(reply);
  if (path == "/api/status")
    return send_status(reply);
  if (path == "/api/events")
    return send_events(reply);
  if (auto* file = find_page_file(path))
    return reply.set_content(file->content.data(), file->content.size(),
                             file->type);
  say(reply, 404, "there is nothing at this path");
}

void status_server::impl::send_status(Response& reply) {
  auto report = reports.read();
  if (!report)
    return say(reply, 503, what_of(report.error()));
  reply.set_content(report_json(**report), json_type);
}

void status_server::impl::send_readiness(Response& reply) {
  if (!live)
    return say(reply, 503, "the job is not running in this process");
  if (!live->is_running())
    return say(reply, 503,
               std::string{"the job is "} + name_of(live->snapshot().phase));
  auto report = reports.read();
  if (!report)
    return say(reply, 503, what_of(report.error()));
  say(reply, 200, "ready");
}

void status_server::impl::send_metrics(Response& reply) {
  auto report = reports.read();
  reply.set_content(metrics_text(report ? report->get() : nullptr, live.get()),
                    "text/plain; version=0.0.4; charset=utf-8");
}

// -- events -------------------------------------------------------------------

std::string status_server::impl::welcome() {
  return stream_head() + "event: history\ndata: " + history_json(live.get())
         + "\n\n" + event();
}

std::string status_server::impl::event() {
  return "data: " + live_json(reports.read(), live.get(), reports.config())
         + "\n\n";
}

void status_server::impl::send_events(Response& reply) {
  auto is_watching =
    streams.add([] { return web::connection::current().take_over(); });
  if (!is_watching) {
    reply.set_header("Retry-After", "10");
    say(reply, 503, "too many pages are watching this job; close one");
  }
}

void status_server::impl::stop() {
  // The last event shows the end.
  reports.forget();
  streams.stop();
  shell.shut_down();
  thread.join();
}

// -- lifetime -----------------------------------------------------------------

status_server::status_server(std::unique_ptr<impl> state)
    : impl_{std::move(state)} {}

status_server::~status_server() {
  impl_->stop();
}

const std::string& status_server::url() const {
  return impl_->url;
}

caf::error status_server::impl::begin(const serve_settings& where) {
  shell.set_pre_routing_handler(
    [this](const Request& request, Response& reply) {
      answer(request, reply);
      return httplib::Server::HandlerResponse::Handled;
    });
  shell.set_exception_handler(
    [](const Request&, Response& reply, const std::exception_ptr&) {
      say(reply, 500, "this request failed");
    });
  errno = 0;
  auto port = shell.bind(where.host, where.port);
  if (port == 0)
    return make_error(ec::usage, "the address " + where.host + ":"
                                   + std::to_string(where.port) + " "
                                   + why_not_bound(errno));
  loopback = shell.is_loopback();
  url = url_of(where, port);
  thread = std::thread{[this] { shell.serve(); }};
  return caf::none;
}

caf::expected<std::unique_ptr<status_server>>
status_server::start(const serve_settings& where, settings config,
                     std::shared_ptr<const live_job> live) {
  try {
    auto state = std::make_unique<impl>(std::move(config), std::move(live));
    if (auto err = state->begin(where))
      return err;
    return std::unique_ptr<status_server>{new status_server{std::move(state)}};
  } catch (const std::system_error& failed) {
    return make_error(ec::unavailable,
                      std::string{"the status page cannot be served: "}
                        + failed.what());
  }
}

} // namespace sluice

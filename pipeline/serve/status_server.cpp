#include "pipeline/serve/status_server.hpp"

#include "config/serve_address.hpp"
#include "pipeline/serve/live_json.hpp"
#include "pipeline/serve/metrics.hpp"
#include "pipeline/serve/page/page_file.hpp"
#include "pipeline/serve/request_check.hpp"
#include "web/http_shell.hpp"

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <thread>

namespace sluice {

namespace {

using namespace std::chrono_literals;
using httplib::Request;
using httplib::Response;

constexpr const char* text_type = "text/plain; charset=utf-8";
constexpr const char* json_type = "application/json";

/// Pages that watch at the same time; each holds a thread.
constexpr int most_watchers = 8;

/// For clients to take the last event at the job's end.
constexpr auto last_words = 500ms;

web::shell_limits limits() {
  web::shell_limits out;
  out.threads = most_watchers + 4;
  out.most_connections = 32;
  out.keep_alive = false;
  out.idle_ms = 5'000;
  out.read_timeout_s = 5;
  out.write_timeout_s = 5;
  return out;
}

void set_headers(Response& reply) {
  reply.set_header("Cache-Control", "no-store");
  reply.set_header("X-Content-Type-Options", "nosniff");
  reply.set_header("Referrer-Policy", "no-referrer");
  reply.set_header("Cross-Origin-Resource-Policy", "same-origin");
  reply.set_header("Content-Security-Policy",
                   "default-src 'none'; script-src 'self'; style-src 'self'; "
                   "img-src 'self'; connect-src 'self'; base-uri 'none'; "
                   "form-action 'none'; frame-ancestors 'none'");
}

void say(Response& reply, int status, const std::string& text) {
  reply.status = status;
  reply.set_content(text + "\n", text_type);
}

/// Why, and what to do.
std::string why_not_bound(int number) {
  const std::string choose = "choose another with --set serve=HOST:PORT";
  if (number == EADDRINUSE)
    return "is in use, perhaps by another job or a `sluice serve` that was "
           "left open: end the latter, or "
           + choose;
  return std::string{"cannot be listened to ("}
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
      : reports{std::move(config)}, live{std::move(job)}, shell{limits()} {}

  void answer(const Request& request, Response& reply);
  void route(const Request& request, Response& reply);
  void send_status(Response& reply);
  void send_readiness(Response& reply);
  void send_metrics(Response& reply);
  [[nodiscard]] bool send_event(bool first, httplib::DataSink& out);
  void send_events(Response& reply);
  [[nodiscard]] std::string event();
  /// Waits a second; false when the server is about to end.
  [[nodiscard]] bool pause();
  void stop();

  report_reader reports;
  std::shared_ptr<const live_job> live;
  bool loopback = true;
  std::string url;
  web::http_shell shell;
  std::thread thread;

  std::mutex mutex;
  std::condition_variable changed;
  int watchers = 0;
  bool ending = false;
};

// -- what is asked for --------------------------------------------------------

void status_server::impl::answer(const Request& request, Response& reply) {
  set_headers(reply);
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
    return say(reply, 503, "the job does not run in this process");
  if (!live->is_running())
    return say(reply, 503,
               std::string{"the job is "} + name_of(live->look().phase));
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

std::string status_server::impl::event() {
  return "data: " + live_json(reports.read(), live.get(), reports.config())
         + "\n\n";
}

bool status_server::impl::pause() {
  std::unique_lock lock{mutex};
  return !changed.wait_for(lock, 1s, [this] { return ending; });
}

bool status_server::impl::send_event(bool first, httplib::DataSink& out) {
  std::string text;
  auto goes_on = true;
  if (first)
    text = "event: history\ndata: " + history_json(live.get()) + "\n\n";
  else
    goes_on = pause();
  text += event();
  if (!out.write(text.data(), text.size()))
    return false;
  if (!goes_on)
    out.done();
  return true;
}

void status_server::impl::send_events(Response& reply) {
  {
    std::lock_guard guard{mutex};
    if (ending || watchers >= most_watchers)
      return say(reply, 503, "too many pages watch this job; close one");
    ++watchers;
  }
  auto first = std::make_shared<bool>(true);
  reply.set_chunked_content_provider(
    "text/event-stream",
    [this, first](size_t, httplib::DataSink& out) {
      // The library catches nothing here, and no page may end the job.
      try {
        return send_event(std::exchange(*first, false), out);
      } catch (const std::exception&) {
        return false;
      }
    },
    [this](bool) {
      std::lock_guard guard{mutex};
      --watchers;
      changed.notify_all();
    });
}

void status_server::impl::stop() {
  // The last event is of the end.
  reports.forget();
  {
    std::unique_lock lock{mutex};
    ending = true;
    changed.notify_all();
    changed.wait_for(lock, last_words, [this] { return watchers == 0; });
  }
  shell.shut_down();
  thread.join();
}

// -- its life -----------------------------------------------------------------

status_server::status_server(std::unique_ptr<impl> state)
    : impl_{std::move(state)} {}

status_server::~status_server() {
  impl_->stop();
}

const std::string& status_server::url() const {
  return impl_->url;
}

caf::expected<std::unique_ptr<status_server>>
status_server::start(const serve_settings& where, settings config,
                     std::shared_ptr<const live_job> live) {
  auto state = std::make_unique<impl>(std::move(config), std::move(live));
  auto& shell = state->shell;
  auto* self = state.get();
  shell.set_pre_routing_handler(
    [self](const Request& request, Response& reply) {
      self->answer(request, reply);
      return httplib::Server::HandlerResponse::Handled;
    });
  shell.set_exception_handler(
    [](const Request&, Response& reply, std::exception_ptr) {
      say(reply, 500, "this request failed");
    });
  errno = 0;
  auto port = shell.bind(where.host, where.port);
  if (port == 0)
    return make_error(ec::usage, "the address " + where.host + ":"
                                   + std::to_string(where.port) + " "
                                   + why_not_bound(errno));
  state->loopback = config::is_loopback(where.host);
  state->url = url_of(where, port);
  state->thread = std::thread{[self] { self->shell.serve(); }};
  return std::unique_ptr<status_server>{new status_server{std::move(state)}};
}

} // namespace sluice

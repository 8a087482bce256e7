#include "bench/paced_api.hpp"

#include "core/http/server/http_shell.hpp"
#include "simulator/http_front.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <thread>

namespace sluice::bench {

namespace {

using clock = std::chrono::steady_clock;

/// Lets one caller pass in each period.
class turnstile {
public:
  explicit turnstile(double per_second)
      : period_{std::chrono::duration_cast<clock::duration>(
        std::chrono::duration<double>{1 / per_second})} {}

  void pass() {
    std::unique_lock guard{mutex_};
    auto mine = std::max(next_, clock::now());
    next_ = mine + period_;
    guard.unlock();
    std::this_thread::sleep_until(mine);
  }

private:
  clock::duration period_;
  std::mutex mutex_;
  clock::time_point next_{};
};

int64_t epoch_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
           std::chrono::system_clock::now().time_since_epoch())
    .count();
}

[[noreturn]] void
serve(const simulator_options& options, double pages_per_second, int out) {
  constexpr auto form = sim::dialect::legacy;
  sim::sim_clock time{options.speed, clock::now(), epoch_ms()};
  sim::service api{options, form, time};
  sim::http_front front{api, form, time};
  turnstile pages{pages_per_second};
  web::shell_limits limits;
  limits.most_body = sim::max_body_bytes;
  web::http_shell shell{limits, sim::http_front::refusals()};
  front.attach(shell);
  shell.set_post_routing_handler(
    [&](const httplib::Request& request, httplib::Response&) {
      if (sim::find_route(form, request.method, request.path).to
          == sim::route::target::page)
        pages.pass();
    });
  auto port = static_cast<uint16_t>(shell.bind(options.host, 0));
  if (port == 0 || ::write(out, &port, sizeof port) != sizeof port)
    std::_Exit(1);
  shell.serve();
  std::_Exit(0);
}

} // namespace

paced_api_process::paced_api_process(const simulator_options& options,
                                     double pages_per_second) {
  int ends[2];
  if (::pipe(ends) != 0)
    std::abort();
  pid_ = ::fork();
  if (pid_ == 0)
    serve(options, pages_per_second, ends[1]);
  ::close(ends[1]);
  if (::read(ends[0], &port_, sizeof port_) != sizeof port_)
    std::abort();
  ::close(ends[0]);
}

paced_api_process::~paced_api_process() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

} // namespace sluice::bench

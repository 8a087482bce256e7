#include "simulator/simulator.hpp"

#include "core/http/server/http_shell.hpp"
#include "simulator/http_front.hpp"
#include "simulator/options_check.hpp"
#include "simulator/service.hpp"

#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

namespace sluice {

namespace {

using namespace std::chrono_literals;

/// How long a restart waits for its port. A client that connects meanwhile may
/// be assigned that port.
constexpr auto longest_wait_for_port = 5s;
constexpr auto port_retry = 5ms;

sim::sim_clock start_clock(double speed) {
  using namespace std::chrono;
  auto epoch = system_clock::now().time_since_epoch();
  return {speed, steady_clock::now(),
          duration_cast<milliseconds>(epoch).count()};
}

} // namespace

struct simulator::impl {
  explicit impl(simulator_options given)
      : options{std::move(given)},
        form{value_of(sim::dialect_words, options.dialect)
               .value_or(sim::dialect::legacy)},
        clock{start_clock(options.speed)},
        service{options, form, clock},
        front{service, form, clock} {}

  simulator_options options;
  sim::dialect form;
  sim::sim_clock clock;
  sim::service service;
  sim::http_front front;
  uint16_t port = 0;

  std::mutex life; ///< guards the members below
  std::unique_ptr<web::http_shell> shell;
  std::thread server;

  /// Listens on `wanted`. Returns the port, or 0 on failure.
  [[nodiscard]] int bind(uint16_t wanted) {
    web::shell_limits limits;
    limits.most_body = sim::max_body_bytes;
    shell =
      std::make_unique<web::http_shell>(limits, sim::http_front::refusals());
    front.attach(*shell);
    return shell->bind(options.host, wanted);
  }

  void begin_serving() {
    server = std::thread{[bound = shell.get()] { bound->serve(); }};
  }

  void end_serving() {
    shell->shut_down();
    server.join();
  }

  [[nodiscard]] caf::error cannot_listen(uint16_t wanted) const {
    return make_error(ec::unavailable,
                      "the simulator cannot listen on "
                        + printable(options.host) + ':' + std::to_string(wanted)
                        + ": choose a free port on an address of this machine");
  }

  [[nodiscard]] sim::sim_time now() const {
    return clock.at(sim::sim_clock::real_clock::now());
  }

  [[nodiscard]] std::string origin() const {
    auto is_ipv6 = options.host.find(':') != std::string::npos;
    auto host = is_ipv6 ? '[' + options.host + ']' : options.host;
    return "http://" + host + ':' + std::to_string(port);
  }
};

simulator::simulator(simulator_options options)
    : impl_{std::make_unique<impl>(std::move(options))} {}

simulator::~simulator() {
  stop();
}

caf::error simulator::start() {
  const auto& options = impl_->options;
  if (auto err = sim::check(options))
    return err;
  std::lock_guard guard{impl_->life};
  auto port = impl_->bind(options.port);
  if (port == 0)
    return impl_->cannot_listen(options.port);
  impl_->port = static_cast<uint16_t>(port);
  impl_->service.set_origin(impl_->origin());
  impl_->begin_serving();
  return caf::none;
}

caf::error simulator::restart() {
  std::lock_guard guard{impl_->life};
  impl_->front.open();
  impl_->end_serving();
  impl_->service.refill_bucket();
  auto deadline = std::chrono::steady_clock::now() + longest_wait_for_port;
  while (impl_->bind(impl_->port) == 0) {
    if (std::chrono::steady_clock::now() > deadline)
      return impl_->cannot_listen(impl_->port);
    std::this_thread::sleep_for(port_retry);
  }
  impl_->begin_serving();
  return caf::none;
}

void simulator::stop() {
  std::lock_guard guard{impl_->life};
  if (!impl_->server.joinable())
    return;
  impl_->front.release();
  impl_->end_serving();
}

std::string simulator::base_url() const {
  return impl_->origin() + std::string{sim::prefix_of(impl_->form)};
}

uint16_t simulator::port() const {
  return impl_->port;
}

std::string simulator::stats() const {
  return impl_->service.stats(impl_->now());
}

unsigned simulator::waiting() const {
  return impl_->front.waiting();
}

void simulator::each_run(
  const std::function<void(const created_run&)>& visit) const {
  impl_->service.each_run(impl_->now(), visit);
}

} // namespace sluice

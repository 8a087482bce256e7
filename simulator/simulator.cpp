#include "simulator/simulator.hpp"

#include "simulator/http_front.hpp"
#include "simulator/http_shell.hpp"
#include "simulator/options_check.hpp"
#include "simulator/service.hpp"

#include <chrono>
#include <thread>
#include <utility>

namespace sluice {

namespace {

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
        form{sim::find_dialect(options.dialect).value_or(sim::dialect::legacy)},
        clock{start_clock(options.speed)},
        service{options, form, clock},
        front{service, form, clock} {
    front.attach(shell);
  }

  simulator_options options;
  sim::dialect form;
  sim::sim_clock clock;
  sim::service service;
  sim::http_front front;
  sim::http_shell shell;
  std::thread server;
  uint16_t port = 0;

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
  auto port = impl_->shell.bind(options.host, options.port);
  if (port == 0)
    return make_error(ec::unavailable,
                      "the simulator cannot listen on "
                        + printable(options.host) + ':'
                        + std::to_string(options.port)
                        + ": choose a free port on an address of this machine");
  impl_->port = static_cast<uint16_t>(port);
  impl_->service.set_origin(impl_->origin());
  impl_->server = std::thread{[state = impl_.get()] { state->shell.serve(); }};
  return caf::none;
}

void simulator::stop() {
  if (!impl_->server.joinable())
    return;
  impl_->front.release();
  impl_->shell.shut_down();
  impl_->server.join();
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

} // namespace sluice

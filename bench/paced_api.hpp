// A simulator in a separate process that answers page requests one after
// another, at a limited rate. All other requests are answered at once.

#pragma once

#include "simulator/simulator.hpp"

#include <sys/types.h>

#include <cstdint>

namespace sluice::bench {

class paced_api_process {
public:
  paced_api_process(const simulator_options& options, double pages_per_second);
  ~paced_api_process();
  paced_api_process(const paced_api_process&) = delete;
  paced_api_process& operator=(const paced_api_process&) = delete;

  [[nodiscard]] uint16_t port() const { return port_; }

private:
  pid_t pid_ = -1;
  uint16_t port_ = 0;
};

} // namespace sluice::bench

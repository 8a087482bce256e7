#include "core/base/stop_switch.hpp"

#include <sys/eventfd.h>

namespace sluice {

stop_switch::stop_switch() : signal_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}

void stop_switch::cut() {
  cut_ = true;
  if (signal_)
    eventfd_write(signal_.get(), 1);
}

} // namespace sluice

#include "core/flow/stage_waits.hpp"

#include "core/model/bottleneck.hpp"

namespace sluice {

namespace {

bottleneck bound_by_reading(page_wait pages) noexcept {
  switch (pages) {
    case page_wait::sinks:
    case page_wait::window:
      return bottleneck::sinks;
    case page_wait::backoff:
      return bottleneck::backoff;
    case page_wait::fetching:
    case page_wait::none:
      break;
  }
  return bottleneck::requests;
}

} // namespace

bottleneck bound_by(const stage_waits& waits) noexcept {
  if (waits.limiter == limiter_wait::freeze
      || waits.submits == submit_wait::pause)
    return bottleneck::backoff;
  if (waits.limiter == limiter_wait::tokens)
    return bottleneck::tokens;
  if (waits.pages == page_wait::window)
    return bottleneck::sinks;
  auto if_asked = [&](bottleneck cause) {
    return waits.polls == poll_wait::backoff ? bottleneck::backoff : cause;
  };
  switch (waits.submits) {
    case submit_wait::slots:
      return if_asked(bottleneck::slots);
    case submit_wait::runs:
      return if_asked(bottleneck::runs);
    case submit_wait::unread:
    case submit_wait::none:
      return bound_by_reading(waits.pages);
    case submit_wait::sending:
    case submit_wait::pause:
      break;
  }
  return bottleneck::requests;
}

} // namespace sluice

#include "core/flow/bottleneck.hpp"

#include <algorithm>
#include <numeric>

namespace sluice {

std::string_view name_of(bottleneck cause) noexcept {
  constexpr std::array<std::string_view, bottlenecks> names{
    "tokens", "slots", "runs", "sinks", "backoff", "requests"};
  return names[static_cast<size_t>(cause)];
}

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

std::array<uint32_t, bottlenecks> per_cent(const time_spent& spent) {
  std::array<uint32_t, bottlenecks> shares{};
  auto total =
    std::accumulate(spent.begin(), spent.end(), std::chrono::milliseconds{0});
  if (total.count() <= 0)
    return shares;
  std::array<int64_t, bottlenecks> rest{};
  uint32_t given = 0;
  for (size_t i = 0; i < bottlenecks; ++i) {
    auto hundredfold = spent[i].count() * 100;
    shares[i] = static_cast<uint32_t>(hundredfold / total.count());
    rest[i] = hundredfold % total.count();
    given += shares[i];
  }
  for (; given < 100; ++given) {
    auto next = std::max_element(rest.begin(), rest.end());
    ++shares[static_cast<size_t>(next - rest.begin())];
    *next = -1;
  }
  return shares;
}

} // namespace sluice

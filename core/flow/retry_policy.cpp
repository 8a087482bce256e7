#include "core/flow/retry_policy.hpp"

#include <algorithm>
#include <cassert>

namespace sluice {

namespace {

/// splitmix64: eight bytes of state, good enough to spread waits.
uint64_t draw(uint64_t& state) noexcept {
  state += 0x9E3779B97F4A7C15;
  auto z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

} // namespace

retry_policy::retry_policy(duration base, duration cap, uint64_t seed)
    : base_{base}, cap_{cap}, seed_{seed} {
  assert(duration::zero() < base && base <= cap);
}

duration retry_policy::next() {
  auto whole = base_;
  for (unsigned i = 0; i < failures_ && whole < cap_; ++i)
    whole = whole > cap_ / 2 ? cap_ : whole * 2;
  ++failures_;
  auto half = whole / 2;
  auto span = static_cast<uint64_t>((whole - half).count()) + 1;
  return half + duration{static_cast<duration::rep>(draw(seed_) % span)};
}

duration retry_policy::next(duration at_least) {
  return std::max(next(), at_least);
}

} // namespace sluice

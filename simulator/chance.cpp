#include "simulator/chance.hpp"

#include <xxhash.h>

namespace sluice::sim {

uint64_t hash_of(std::string_view text) noexcept {
  return XXH3_64bits(text.data(), text.size());
}

uint64_t mix(uint64_t a, uint64_t b) noexcept {
  // splitmix64's finaliser over a Weyl step.
  auto x = (a + 0x9E3779B97F4A7C15u) ^ (b * 0xD1342543DE82EF95u);
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

uint64_t chance::bits(draw what, uint64_t subject) const noexcept {
  return mix(mix(seed_, static_cast<uint64_t>(what)), subject);
}

double chance::share(draw what, uint64_t subject) const noexcept {
  return static_cast<double>(bits(what, subject) >> 11) * 0x1p-53;
}

bool chance::hits(double probability, draw what,
                  uint64_t subject) const noexcept {
  return probability > 0 && share(what, subject) < probability;
}

} // namespace sluice::sim

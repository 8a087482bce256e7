#include "core/model/bottleneck.hpp"

#include <algorithm>
#include <numeric>

namespace sluice {

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

#include "pipeline/report/why_text.hpp"

#include <algorithm>
#include <iomanip>
#include <numeric>
#include <sstream>

namespace sluice {

namespace {

std::string_view meaning_of(bottleneck cause) {
  switch (cause) {
    case bottleneck::tokens:
      return "requests waited for tokens: the rate limit";
    case bottleneck::slots:
      return "batches waited for slots: as many runs as the API works on";
    case bottleneck::runs:
      return "nothing was left to submit: the last runs";
    case bottleneck::sinks:
      return "captures waited for a sink";
    case bottleneck::backoff:
      return "pauses after 429s, failures and listings that came short";
    case bottleneck::requests:
      break;
  }
  return "none of these: requests under way, sluice's own work";
}

} // namespace

std::string why_text(const time_spent& spent) {
  auto shares = per_cent(spent);
  std::array<size_t, bottlenecks> order{};
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return shares[a] > shares[b]; });
  std::ostringstream out;
  for (auto i : order)
    if (shares[i] > 0) {
      auto cause = static_cast<bottleneck>(i);
      out << "  " << std::left << std::setw(12) << name_of(cause) << std::right
          << std::setw(13) << shares[i] << "%  " << meaning_of(cause) << '\n';
    }
  auto rows = out.str();
  return rows.empty() ? rows : "Where the time went\n" + rows;
}

} // namespace sluice

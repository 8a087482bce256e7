#include "pipeline/report/why_text.hpp"

#include "core/base/error.hpp"

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
      return "batches waited for slots: the API's limit on concurrent runs";
    case bottleneck::runs:
      return "nothing was left to submit: the last runs";
    case bottleneck::sinks:
      return "captures waited for a sink";
    case bottleneck::backoff:
      return "pauses after 429s, failures and incomplete listings";
    case bottleneck::requests:
      break;
  }
  return "none of these: requests in flight, sluice's own work";
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

std::string others_text(const std::vector<sharing_job>& others) {
  std::string text;
  for (auto& job : others)
    text += "  " + escaped(job.name) + '\n';
  return text.empty() ? text : "The rate limit is shared with\n" + text;
}

} // namespace sluice

#include "core/input/host_counts.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

void host_counts::add(std::string host, std::string_view note) {
  ++urls_;
  auto known = hosts_.find(host);
  if (known == hosts_.end()) {
    if (hosts_.size() == most_hosts) {
      ++unnamed_;
      return;
    }
    known = hosts_.emplace(std::move(host), entry{std::string{note}, 0}).first;
  }
  ++known->second.urls;
}

std::vector<host_count> host_counts::largest(size_t most) const {
  std::vector<host_count> result;
  for (auto& [host, counted] : hosts_)
    result.push_back({host, counted.note, counted.urls});
  auto end =
    result.begin() + static_cast<ptrdiff_t>(std::min(most, result.size()));
  std::partial_sort(result.begin(), end, result.end(),
                    [](auto& left, auto& right) {
                      return left.urls != right.urls ? left.urls > right.urls
                                                     : left.host < right.host;
                    });
  result.erase(end, result.end());
  return result;
}

} // namespace sluice

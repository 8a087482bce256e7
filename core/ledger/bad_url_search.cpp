#include "core/ledger/bad_url_search.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace sluice {

namespace {

/// The place of the longest URL that `message` quotes, since a shorter one may
/// be a part of it. The number of URLs if it quotes none.
size_t place_named(const url_table& urls, std::string_view message) {
  auto found = urls.size();
  for (size_t i = 0; i < urls.size(); ++i)
    if ((found == urls.size() || urls[i].size() > urls[found].size())
        && message.find(urls[i]) != std::string_view::npos)
      found = i;
  return found;
}

/// As many of the parts as fit, the largest first.
std::vector<bad_url_search::part>
fill(std::vector<bad_url_search::part> parts, size_t most) {
  using part = bad_url_search::part;
  std::stable_sort(parts.begin(), parts.end(),
                   [](auto& a, auto& b) { return a.urls > b.urls; });
  std::vector<part> result;
  size_t urls = 0;
  for (auto& one : parts)
    if (result.empty() || urls + one.urls <= most) {
      urls += one.urls;
      result.push_back(one);
    }
  std::sort(result.begin(), result.end(),
            [](auto& a, auto& b) { return a.key < b.key; });
  return result;
}

} // namespace

bad_url_search::range bad_url_search::part_to_test(const url_table& urls,
                                                   std::string_view message,
                                                   bool is_first) const {
  assert(urls.size() > 1);
  auto named = trusts_names_ ? place_named(urls, message) : urls.size();
  // A wrong request shows soonest if the API refuses a single URL that it did
  // not name.
  if (is_first) {
    size_t at = named == 0 ? 1 : 0;
    return {at, at + 1, false};
  }
  if (named < urls.size())
    return {named, named + 1, true};
  // A refusal costs one request, an accepted run three or more: more than half
  // is tested, so that a refusal is more likely.
  return {0, (urls.size() * 3 + 2) / 5, false};
}

void bad_url_search::divided(batch_key whole, batch_key test, const part& rest,
                             bool is_named) {
  ended(whole);
  bad_.erase(whole);
  kept_.erase(whole);
  waiting_[test] = {rest, is_named};
  kept_.insert(rest.key);
}

void bad_url_search::accepted(batch_key batch) {
  auto found = waiting_.extract(batch);
  if (found.empty())
    return;
  auto& [rest, is_named] = found.mapped();
  if (is_named) { // the API named a good URL, or now accepts it
    trusts_names_ = false;
    leave_over(rest);
  } else if (rest.urls > 1) {
    bad_.insert(rest.key);
  } else {
    kept_.erase(rest.key);
  }
}

std::optional<batch_key> bad_url_search::to_divide() const {
  if (bad_.empty())
    return std::nullopt;
  return *bad_.begin();
}

void bad_url_search::ended(batch_key batch) {
  if (auto found = waiting_.extract(batch))
    leave_over(found.mapped().rest);
}

void bad_url_search::leave_over(const part& rest) {
  if (rest.kin)
    left_over_[*rest.kin].push_back(rest);
  else
    kept_.erase(rest.key);
}

void bad_url_search::release(const std::vector<part>& parts) {
  for (auto& one : parts) {
    kept_.erase(one.key);
    auto of_kin = one.kin ? left_over_.find(*one.kin) : left_over_.end();
    if (of_kin == left_over_.end())
      continue;
    std::erase_if(of_kin->second,
                  [&](auto& other) { return other.key == one.key; });
    if (of_kin->second.empty())
      left_over_.erase(of_kin);
  }
}

std::vector<bad_url_search::part>
bad_url_search::to_share(size_t most, bool all) const {
  auto may_be_small = all && waiting_.empty();
  for (auto& [kin, parts] : left_over_) {
    auto urls =
      std::accumulate(parts.begin(), parts.end(), size_t{0},
                      [](size_t sum, auto& one) { return sum + one.urls; });
    if (may_be_small || urls >= most)
      return fill(parts, most);
  }
  return {};
}

} // namespace sluice

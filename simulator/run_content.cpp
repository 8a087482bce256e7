#include "simulator/run_content.hpp"

#include <cassert>

namespace sluice::sim {

namespace {

/// The URL that starts at `offset`, or an empty one at the end.
std::string_view url_at(std::string_view urls, size_t offset) noexcept {
  auto rest = urls.substr(offset);
  return rest.substr(0, rest.find('\n'));
}

bool is_missing(std::string_view url, const capture_rules& rules) noexcept {
  return rules.missing > 0
         && rules.dice.hits(rules.missing, draw::url_is_missing, hash_of(url));
}

/// The number of unmatched captures among the first `genuine` ones.
uint64_t
unmatched_among(uint64_t genuine, const capture_rules& rules) noexcept {
  auto each = rules.extra / (1 - rules.extra);
  return static_cast<uint64_t>(static_cast<double>(genuine) * each + 1e-9);
}

} // namespace

uint64_t count_captures(const run_content& content,
                        const capture_rules& rules) noexcept {
  uint64_t urls = content.url_limit;
  if (rules.missing > 0) {
    size_t offset = 0;
    for (uint32_t i = 0; i < content.url_limit; ++i) {
      auto url = url_at(content.urls, offset);
      offset += url.size() + 1;
      urls -= is_missing(url, rules) ? 1 : 0;
    }
  }
  auto genuine = urls * rules.per_url;
  return genuine + unmatched_among(genuine, rules);
}

capture_walk::step capture_walk::next() {
  if (at_.unmatched < unmatched_among(at_.genuine, rules_))
    return next_extra();
  return next_genuine();
}

capture_walk::step capture_walk::next_extra() {
  auto number = at_.unmatched++;
  extra_url_ = "https://never-submitted.example/" + content_.id + '/'
               + std::to_string(number);
  return {extra_url_, 0};
}

capture_walk::step capture_walk::next_genuine() {
  auto url = url_at(content_.urls, at_.offset);
  auto pass_url = [&] {
    ++at_.url;
    at_.offset += static_cast<uint32_t>(url.size() + 1);
    at_.copy = 0;
  };
  while (at_.copy == 0 && is_missing(url, rules_)) {
    pass_url();
    url = url_at(content_.urls, at_.offset);
  }
  assert(at_.url < content_.url_limit);
  step result{url, at_.copy++};
  ++at_.genuine;
  if (at_.copy == rules_.per_url)
    pass_url();
  return result;
}

} // namespace sluice::sim

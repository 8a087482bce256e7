#include "core/http/quota_headers.hpp"

#include "core/base/ascii.hpp"
#include "core/http/http_date.hpp"
#include "core/model/quota.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace sluice {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A quota with a longer period is not our limit per minute.
constexpr milliseconds longest_period = std::chrono::minutes{1};

/// Further quotas are ignored.
constexpr size_t max_quotas = 16;

/// Numbers this large are instants, in seconds or in milliseconds.
constexpr uint64_t first_second = 1'000'000'000;
constexpr uint64_t first_millisecond = 1'000'000'000'000;
constexpr uint64_t last_millisecond = 100'000'000'000'000;

/// One quota, as far as it is stated.
struct stated_quota {
  std::optional<uint64_t> remaining;
  std::optional<milliseconds> reset;
};

/// The trimmed parts of `text` between separators outside quotes.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  auto quoted = false;
  size_t begin = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '"')
      quoted = !quoted;
    if (i < text.size() && (quoted || text[i] != separator))
      continue;
    parts.push_back(trimmed(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  return parts;
}

class quota_reader {
public:
  explicit quota_reader(const http_reply& reply) : reply_{reply} {}

  /// The quotas in the first form that is present.
  [[nodiscard]] std::vector<stated_quota> read() const {
    if (auto quotas = read_field(header("ratelimit")); !quotas.empty())
      return quotas;
    for (std::string prefix : {"ratelimit-", "x-ratelimit-"}) {
      stated_quota quota;
      note(quota, "remaining", header(prefix + "remaining"));
      note(quota, "reset", header(prefix + "reset"));
      if (quota.remaining || quota.reset)
        return {quota};
    }
    return {};
  }

private:
  [[nodiscard]] std::string_view header(const std::string& name) const {
    auto found = reply_.header(name);
    return found ? std::string_view{*found} : std::string_view{};
  }

  /// Reads a list of quotas with parameters, or a dictionary for one quota.
  [[nodiscard]] std::vector<stated_quota>
  read_field(std::string_view text) const {
    std::vector<stated_quota> quotas;
    stated_quota only;
    for (auto item : split(text, ',')) {
      auto parts = split(item, ';');
      if (note_pair(only, parts.front()))
        continue;
      stated_quota quota;
      for (auto part : parts)
        note_pair(quota, part);
      if ((quota.remaining || quota.reset) && quotas.size() < max_quotas)
        quotas.push_back(quota);
    }
    if (only.remaining || only.reset)
      quotas.push_back(only);
    return quotas;
  }

  /// False if `text` is not `name=value`.
  bool note_pair(stated_quota& quota, std::string_view text) const {
    auto equals = text.find('=');
    if (text.starts_with('"') || equals == std::string_view::npos)
      return false;
    note(quota, trimmed(text.substr(0, equals)),
         trimmed(text.substr(equals + 1)));
    return true;
  }

  void note(stated_quota& quota, std::string_view name,
            std::string_view value) const {
    if (name == "remaining" || name == "r")
      quota.remaining = read_number<uint64_t>(value);
    else if (name == "reset" || name == "t")
      quota.reset = read_reset(value);
  }

  [[nodiscard]] std::optional<milliseconds>
  read_reset(std::string_view text) const {
    auto thousandths = read_thousandths(text);
    if (!thousandths)
      return std::nullopt;
    auto count = *thousandths / 1000 + (*thousandths % 1000 != 0 ? 1 : 0);
    if (count >= last_millisecond)
      return std::nullopt;
    auto number = static_cast<int64_t>(count);
    if (count < first_second)
      return seconds{number};
    auto then = count < first_millisecond ? milliseconds{seconds{number}}
                                          : milliseconds{number};
    return std::max(then - milliseconds{seconds{sent_at(reply_)}},
                    milliseconds{0});
  }

  const http_reply& reply_;
};

/// Of two quotas with equal remainders, the one restored later is first.
bool ends_first(const quota_left& a, const quota_left& b) {
  return std::tuple{a.remaining, b.reset} < std::tuple{b.remaining, a.reset};
}

} // namespace

std::optional<quota_left> left_of_quota(const http_reply& reply) {
  std::optional<quota_left> first;
  for (auto& quota : quota_reader{reply}.read()) {
    if (!quota.remaining || quota.reset > longest_period)
      continue;
    quota_left left{*quota.remaining, quota.reset};
    if (!first || ends_first(left, *first))
      first = left;
  }
  return first;
}

std::optional<milliseconds> exhausted_for(const http_reply& reply) {
  std::optional<milliseconds> longest;
  for (auto& quota : quota_reader{reply}.read())
    if (quota.remaining.value_or(0) == 0)
      longest = std::max(longest, quota.reset);
  return longest;
}

} // namespace sluice

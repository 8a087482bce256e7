// Short texts: dates, waits, quota headers, durations and sizes.

#include "core/base/units.hpp"
#include "core/http/http_date.hpp"
#include "core/http/quota_headers.hpp"
#include "tests/fuzz/input.hpp"

using namespace sluice;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::input in{data, size};
  http_reply reply;
  reply.status = in.below(2) == 0 ? 200 : 429;
  for (auto* name :
       {"date", "ratelimit", "ratelimit-policy", "x-ratelimit-remaining",
        "x-ratelimit-reset", "x-ratelimit-limit", "retry-after"})
    reply.headers.emplace(name, in.line());
  std::string text{in.rest()};
  constexpr auto longest = std::chrono::minutes{10};
  constexpr int64_t now = 1'790'000'000;
  static_cast<void>(read_http_date(text, now));
  static_cast<void>(read_thousandths(text));
  static_cast<void>(exhausted_for(reply));
  if (auto wait = read_wait(text, reply, longest))
    must(wait->count() >= 0 && *wait <= longest);
  if (auto left = left_of_quota(reply); left && left->reset)
    must(left->reset->count() >= 0);
  if (auto time = parse_duration(text))
    must(parse_duration(duration_text(*time)) == time);
  if (auto bytes = parse_size(text))
    must(parse_size(size_text(*bytes)) == bytes);
  return 0;
}

#include "config/profile_sections.hpp"
#include "core/base/units.hpp"

namespace sluice::config {

field rate_fields() {
  using enum field_kind;
  return {.name = "rate",
          .kind = section,
          .help = "The documented rate limit of one key, as a token bucket.",
          .children = {
            {.name = "requests_per_minute",
             .kind = integer,
             .help = "The sustained rate; 0 means unlimited.",
             .default_value = std::to_string(api_profile{}.requests_per_minute),
             .min = 0,
             .max = 1'000'000},
            {.name = "burst",
             .kind = integer,
             .help = "How many requests a full bucket holds.",
             .default_value = std::to_string(api_profile{}.burst),
             .min = 1,
             .max = 100'000},
            {.name = "wait_after_429",
             .kind = duration,
             .help = "The shortest wait after a 429.",
             .default_value = duration_text(api_profile{}.wait_after_429),
             .min = 0,
             .max = ms_per_hour},
            {.name = "wait_header",
             .help = "The response header that gives a minimum wait, in "
                     "seconds or as an HTTP date.",
             .default_value = api_profile{}.wait_header},
          }};
}

void build_rate(const checked_profile& profile, api_profile& out) {
  out.requests_per_minute = profile.number("rate.requests_per_minute");
  out.burst = profile.number("rate.burst");
  out.wait_after_429 =
    profile.values.get<std::chrono::milliseconds>("rate.wait_after_429");
  out.wait_header = profile.values.text("rate.wait_header");
}

} // namespace sluice::config

#include "simulator/options_check.hpp"

#include "core/http/http_field.hpp"
#include "simulator/wire.hpp"

#include <cmath>
#include <string>
#include <string_view>

namespace sluice::sim {

namespace {

caf::error refuse(std::string_view option, std::string_view rule) {
  std::string sentence = "the simulator's ";
  sentence += option;
  sentence += " must be ";
  sentence += rule;
  return make_error(ec::usage, std::move(sentence));
}

caf::error check_shares(const simulator_options& options) {
  const struct {
    const char* name;
    double value;
  } shares[] = {
    {"run_spread", options.run_spread},
    {"missing", options.missing},
    {"failing", options.failing},
    {"progress_noise", options.progress_noise},
    {"error_500", options.error_500},
    {"error_503", options.error_503},
    {"lost_reply", options.lost_reply},
    {"reset", options.reset},
    {"truncate", options.truncate},
    {"html_error", options.html_error},
    {"overlap", options.overlap},
    {"expired_links", options.expired_links},
    {"cut_frames", options.cut_frames},
    {"late_captures", options.late_captures},
    {"unreadable", options.unreadable},
  };
  for (auto [name, value] : shares)
    if (!(value >= 0 && value <= 1))
      return refuse(name, "between 0 and 1");
  if (!(options.extra >= 0 && options.extra <= 0.99))
    return refuse("extra", "between 0 and 0.99");
  auto faults = options.error_500 + options.error_503 + options.lost_reply
                + options.reset + options.truncate + options.html_error;
  if (faults > 1 + 1e-9)
    return refuse("sum of faults",
                  "at most 1: a request has at most one fault");
  return caf::none;
}

caf::error check_counts(const simulator_options& options) {
  const struct {
    const char* name;
    uint32_t value;
  } counts[] = {
    {"max_concurrent", options.max_concurrent},
    {"page_size", options.page_size},
    {"captures_per_url", options.captures_per_url},
  };
  for (auto [name, value] : counts)
    if (value == 0)
      return refuse(name, "at least 1");
  if (options.requests_per_minute > 0 && options.burst == 0)
    return refuse("burst", "at least 1 with a rate limit");
  return caf::none;
}

} // namespace

caf::error check(const simulator_options& options) {
  if (!value_of(dialect_words, options.dialect))
    return refuse("dialect", "extralt, extralt-array or extralt-v0");
  if (!value_of(runs_rule_words, options.list_runs))
    return refuse("list_runs", "off, ids or urls");
  if (!options.idempotency_header.empty()
      && !is_field_name(options.idempotency_header))
    return refuse("idempotency_header", "the name of a header");
  if (!(options.speed > 0 && std::isfinite(options.speed)))
    return refuse("speed", "above 0");
  if (!(options.run_seconds >= 0 && std::isfinite(options.run_seconds)))
    return refuse("run_seconds", "0 or more");
  if (!(options.late_seconds >= 0 && std::isfinite(options.late_seconds)))
    return refuse("late_seconds", "0 or more");
  if (!(options.unreadable_seconds >= 0
        && std::isfinite(options.unreadable_seconds)))
    return refuse("unreadable_seconds", "0 or more");
  if (auto err = check_counts(options))
    return err;
  return check_shares(options);
}

} // namespace sluice::sim

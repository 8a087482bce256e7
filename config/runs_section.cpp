#include "config/job_sections.hpp"
#include "core/base/error.hpp"
#include "core/base/units.hpp"
#include "core/base/url.hpp"

#include <algorithm>

namespace sluice::config {

namespace {

using std::chrono::milliseconds;

/// Whether `text` is a host as written in a URL, with nothing around it.
bool is_host_in_url(const std::string& text) {
  auto is_ipv6 = text.front() == '[' && text.back() == ']';
  return text.find_first_of(is_ipv6 ? "/@*?# " : "/@*?# :")
         == std::string::npos;
}

robot_map build_robots(const checked_job& job) {
  using names = std::map<std::string, std::string>;
  robot_map out;
  auto written = job.find("runs", "robot");
  auto refuse = [&](const std::string& host, const char* reason) {
    job.findings.add(written->place_of(host),
                     "\"" + printable(host, 60) + "\" in runs.robot " + reason);
  };
  for (auto& [host, robot] : job.get_or("runs.robot", names{})) {
    auto is_below = host.starts_with("*.") && host.size() > 2;
    auto& place = is_below ? out.below : out.by_host;
    auto name = is_below ? host.substr(2) : host;
    if (host == "*")
      out.fallback = robot;
    else if (!is_host_in_url(name))
      refuse(
        host,
        "is not a host name: write a name such as shop.example, "
        "\"*.shop.example\" for the hosts below it, or \"*\" for the rest");
    else if (!place.emplace(host_key(name), robot).second)
      refuse(host, "appears twice, in different spellings: remove one");
  }
  return out;
}

void build_budget(const checked_job& job, run_settings& out) {
  using rule = run_settings::budget_rule;
  if (job.values.holds<int64_t>("runs.budget")) {
    out.budget = rule::number;
    out.budget_number =
      static_cast<uint64_t>(job.values.get<int64_t>("runs.budget"));
  } else {
    out.budget = job.values.choice("runs.budget", run_settings::budget_words);
  }
}

/// Whether each submit sends its budget to the API.
bool sends_budget(const submit_dialect& submit) {
  auto names_it = [](std::string_view text) {
    return text.find("${budget}") != std::string_view::npos
           || text.find("${budget?}") != std::string_view::npos;
  };
  return names_it(submit.path) || names_it(submit.body)
         || std::any_of(submit.query.begin(), submit.query.end(),
                        [&](auto& one) { return names_it(one.second); });
}

/// Each run counts as the most that it may cost, so that must be known.
void build_max_credits(const checked_job& job, const api_profile* profile,
                       run_settings& out) {
  if (!job.values.has("runs.max_credits"))
    return;
  if (out.budget == run_settings::budget_rule::none)
    return job.refuse("runs.max_credits",
                      "runs.max_credits needs a runs.budget other than none: "
                      "without a budget, the cost of a run is unknown");
  if (profile != nullptr && profile->credits_per_unit <= 0)
    return job.refuse("runs.max_credits",
                      "runs.max_credits needs a price, and the profile "
                        + printable(profile->name, 60)
                        + " has none: set its credits_per_unit");
  if (profile != nullptr && !sends_budget(profile->submit))
    return job.refuse(
      "runs.max_credits",
      "runs.max_credits needs an API that takes a budget, and the profile "
        + printable(profile->name, 60)
        + " sends none: its submit has no ${budget}");
  out.max_credits =
    static_cast<uint64_t>(job.values.get<int64_t>("runs.max_credits"));
}

} // namespace

field runs_fields() {
  using enum field_kind;
  return {
    .name = "runs",
    .kind = section,
    .help = "How URLs are submitted.",
    .required = true,
    .children = {
      {.name = "robot",
       .kind = text_or_map,
       .help =
         "The robot to use: one for all URLs, or a mapping from hosts to "
         "robots, with \"*.shop.example\" for all hosts below shop.example and "
         "\"*\" for the rest. An exact host wins, then the longest match.",
       .required = true,
       .min = 1,
       .example = "rbt_abc"},
      {.name = "urls_per_run",
       .kind = integer,
       .help = "URLs per run.",
       .default_value = std::to_string(run_settings{}.urls_per_run),
       .min = 1,
       .max = 10'000},
      {.name = "budget",
       .kind = integer,
       .help = "The most a run may extract: `urls` means the number of its "
               "URLs, `none` sends no budget.",
       .default_value =
         default_word(run_settings::budget_words, run_settings{}.budget),
       .min = 1,
       .max = 1'000'000'000,
       .choices = words_in(run_settings::budget_words)},
      {.name = "max_concurrent",
       .kind = integer,
       .help = "How many runs the API works on at once under your plan.",
       .default_value = std::to_string(run_settings{}.max_concurrent),
       .min = 1,
       .max = 1'000},
      {.name = "queue_ahead",
       .kind = integer,
       .help = "How many more runs to keep waiting in the API's queue, so that "
               "no slot stays free until sluice notices that a run has ended.",
       .default_value = std::to_string(run_settings{}.queue_ahead),
       .min = 0,
       .max = 100},
      {.name = "max_unread",
       .kind = integer,
       .help = "How many ended runs may have undelivered captures; at this "
               "number, no more runs are submitted.",
       .default_value = std::to_string(run_settings{}.max_unread),
       .min = 1,
       .max = 1'000},
      {.name = "retry_missing",
       .kind = integer,
       .help = "How many times to resubmit URLs that got no capture, pooled "
               "into full runs. Applies only to ended runs that have no "
               "captures of other URLs and did not end at their budget. Each "
               "resubmit costs as much as the first submit.",
       .default_value = std::to_string(run_settings{}.retry_missing),
       .min = 0,
       .max = 10},
      {.name = "max_credits",
       .kind = integer,
       .help = "The most credits the whole job may cost, across all its "
               "starts. Submitting stops before the credits already paid, plus "
               "the most that runs of unknown cost may still cost, would "
               "exceed this. May be changed between starts.",
       .min = 1,
       .max = 1'000'000'000'000,
       .example = "5000"},
      {.name = "max_age",
       .kind = duration,
       .help = "How long a run may work before it is given up and held; it may "
               "still be billed.",
       .default_value = duration_text(run_settings{}.max_age),
       .min = 60'000,
       .max = 10'000 * ms_per_hour},
      {.name = "max_pending",
       .kind = duration,
       .help = "How long a run may stay queued before it is given up and held.",
       .default_value = duration_text(run_settings{}.max_pending),
       .min = 60'000,
       .max = 10'000 * ms_per_hour},
    }};
}

run_settings build_runs(const checked_job& job, const api_profile* profile) {
  auto number = [&](std::string_view name) {
    return static_cast<uint32_t>(job.values.get<int64_t>(name));
  };
  run_settings out;
  out.robots = build_robots(job);
  out.urls_per_run = number("runs.urls_per_run");
  build_budget(job, out);
  build_max_credits(job, profile, out);
  out.max_concurrent = number("runs.max_concurrent");
  out.queue_ahead = number("runs.queue_ahead");
  out.max_unread = number("runs.max_unread");
  out.retry_missing = number("runs.retry_missing");
  out.max_age = job.values.get<milliseconds>("runs.max_age");
  out.max_pending = job.values.get<milliseconds>("runs.max_pending");
  return out;
}

} // namespace sluice::config

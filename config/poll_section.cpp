#include "config/job_sections.hpp"
#include "core/base/units.hpp"

namespace sluice::config {

namespace {

using std::chrono::milliseconds;

std::string interval_text(sluice::duration interval) {
  return duration_text(std::chrono::duration_cast<milliseconds>(interval));
}

void check_order(const checked_job& job, const char* low, const char* high) {
  auto least = job.values.get<milliseconds>(low);
  auto most = job.values.get<milliseconds>(high);
  if (least > most)
    job.refuse(low, std::string{low} + " (" + duration_text(least)
                      + ") is longer than " + high + " (" + duration_text(most)
                      + "): make it shorter");
}

} // namespace

field poll_fields() {
  using enum field_kind;
  return {
    .name = "poll",
    .kind = section,
    .help = "How often to poll a run's status.",
    .children = {
      {.name = "interval",
       .kind = duration,
       .help = "Time between two polls of a run, unless its progress predicts "
               "its end.",
       .default_value = interval_text(poll_settings{}.interval),
       .min = 1,
       .max = ms_per_hour},
      {.name = "min_interval",
       .kind = duration,
       .help = "Shortest time between two polls, even near a predicted end.",
       .default_value = interval_text(poll_settings{}.min_interval),
       .min = 1,
       .max = ms_per_hour},
      {.name = "max_interval",
       .kind = duration,
       .help = "Time between two polls after a run has shown no progress for "
               "five minutes.",
       .default_value = interval_text(poll_settings{}.max_interval),
       .min = 1,
       .max = ms_per_hour},
    }};
}

poll_settings build_poll(const checked_job& job) {
  check_order(job, "poll.min_interval", "poll.interval");
  check_order(job, "poll.interval", "poll.max_interval");
  poll_settings out;
  out.interval = job.values.get<milliseconds>("poll.interval");
  out.min_interval = job.values.get<milliseconds>("poll.min_interval");
  out.max_interval = job.values.get<milliseconds>("poll.max_interval");
  return out;
}

} // namespace sluice::config

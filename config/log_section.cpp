#include "config/job_sections.hpp"

namespace sluice::config {

field log_fields() {
  using enum field_kind;
  return {
    .name = "log",
    .kind = section,
    .help = "What to log to standard error.",
    .children = {
      {.name = "level",
       .kind = choice,
       .help = "The lowest level to log.",
       .default_value = default_word(log_level_words, log_settings{}.level),
       .choices = words_in(log_level_words)},
      {.name = "format",
       .kind = choice,
       .help = "`auto` writes text to a terminal, and JSON lines otherwise.",
       .default_value =
         default_word(log_settings::format_words, log_settings{}.as),
       .choices = words_in(log_settings::format_words)},
    }};
}

log_settings build_log(const checked_job& job) {
  return {job.values.choice("log.level", log_level_words),
          job.values.choice("log.format", log_settings::format_words)};
}

} // namespace sluice::config

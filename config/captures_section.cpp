#include "config/job_sections.hpp"
#include "core/base/error.hpp"
#include "core/base/units.hpp"

namespace sluice::config {

namespace {

size_t build_window(const checked_job& job) {
  auto window = job.values.get<int64_t>("captures.window");
  auto body = job.values.get<int64_t>("api.max_body");
  if (window < body)
    job.refuse(job.find("captures", "window") ? "captures.window"
                                              : "api.max_body",
               "captures.window (" + size_text(static_cast<uint64_t>(window))
                 + ") is smaller than api.max_body ("
                 + size_text(static_cast<uint64_t>(body))
                 + "), so one large page would never fit: make it at least as "
                   "large");
  return static_cast<size_t>(window);
}

bool build_fetch(const checked_job& job, const api_profile* profile) {
  auto download = job.values.choice("captures.fetch", fetch_words);
  if (download && profile != nullptr && !profile->download)
    job.refuse(
      "captures.fetch",
      "captures.fetch is download, but the profile "
        + printable(profile->name, 60)
        + " has no `download`: write pages, or use a profile that has it");
  return download;
}

} // namespace

field captures_fields() {
  using enum field_kind;
  return {
    .name = "captures",
    .kind = section,
    .help = "How captures are fetched.",
    .children = {
      {.name = "fetch",
       .kind = choice,
       .help = "`pages` lists a run's captures page by page; `download` "
               "fetches them as one file with one request, through a "
               "temporary file next to the ledger.",
       .default_value = default_word(fetch_words, capture_settings{}.download),
       .choices = words_in(fetch_words)},
      {.name = "window",
       .kind = size,
       .help = "How many bytes of pages to hold between the API and the "
               "sinks; at least api.max_body.",
       .default_value = size_text(capture_settings{}.window),
       .min = 64 * kib,
       .max = 16 * gib},
    }};
}

capture_settings
build_captures(const checked_job& job, const api_profile* profile) {
  return {build_fetch(job, profile), build_window(job)};
}

} // namespace sluice::config

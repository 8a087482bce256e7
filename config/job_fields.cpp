#include "config/job_fields.hpp"

#include "config/settings.hpp"
#include "core/base/units.hpp"

namespace sluice::config {

namespace {

using enum field_kind;

constexpr int64_t ms_per_hour = 3'600'000;
constexpr int64_t kib = 1 << 10;
constexpr int64_t gib = 1 << 30;

std::string interval_text(sluice::duration interval) {
  return duration_text(
    std::chrono::duration_cast<std::chrono::milliseconds>(interval));
}

field api_fields() {
  return {
    .name = "api",
    .kind = section,
    .help = "The extraction API, and how fast to send it requests.",
    .required = true,
    .children = {
      {.name = "profile",
       .help = "The API's dialect: a built-in profile (see `sluice profiles`) "
               "or the path of a profile file.",
       .default_value = "extralt"},
      {.name = "base_url",
       .help =
         "Replaces the profile's base URL: scheme, host, port and path prefix.",
       .example = "https://api.extralt.com"},
      {.name = "key",
       .kind = secret,
       .help = "The API key. Required unless the profile uses no key or the "
               "job is a rehearsal (`--simulate`). It is read when a job "
               "starts, is never logged, and is sent only to the API's host.",
       .example = "${EXTRALT_API_KEY}"},
      {.name = "requests_per_minute",
       .kind = integer,
       .help = "The sustained request rate that the API allows this key; 0 "
               "means unlimited. Default: the profile's.",
       .min = 0,
       .max = 1'000'000,
       .example = "120"},
      {.name = "burst",
       .kind = integer,
       .help = "How many requests the API accepts at once after a pause. "
               "Default: the profile's.",
       .min = 1,
       .max = 100'000,
       .example = "30"},
      {.name = "connections",
       .kind = integer,
       .help = "How many requests may be in flight at once; `auto` derives "
               "this from the request rate.",
       .default_value = "auto",
       .min = 1,
       .max = 16,
       .choices = {"auto"}},
      {.name = "timeout",
       .kind = duration,
       .help =
         "Time limit for one whole request, from connecting to the last byte.",
       .default_value = duration_text(api_settings{}.timeout),
       .min = 100,
       .max = ms_per_hour},
      {.name = "max_body",
       .kind = size,
       .help = "The largest reply to accept, after decompression.",
       .default_value = size_text(api_settings{}.max_body),
       .min = 64 * kib,
       .max = gib},
      {.name = "proxy",
       .help =
         "An HTTP proxy; \"\" means none. Default: https_proxy or http_proxy "
         "from the environment, unless no_proxy covers the API's host.",
       .min = 0,
       .example = "http://proxy.example:3128"},
      {.name = "ca_file",
       .kind = path,
       .help = "Certificate authorities to trust (PEM). Default: the "
               "system's.",
       .example = "ca.pem",
       .shared = true},
    }};
}

field input_fields() {
  return {
    .name = "input",
    .kind = section,
    .help = "The URLs to extract. They are read once, into the ledger.",
    .required = true,
    .children = {
      {.name = "urls",
       .kind = text_list,
       .help = "Files and globs, relative to the config file's folder; '-' is "
               "standard input. Files ending in .gz, .zst or .lz4 are "
               "decompressed as they are read.",
       .required = true,
       .min = 1,
       .example = "[lists/*.txt, extra.csv]"},
      {.name = "format",
       .kind = choice,
       .help =
         "The format of the lists; `auto` goes by the file name extension.",
       .default_value = default_word(list_format_words, input_options{}.format),
       .choices = words_in(list_format_words)},
      {.name = "delimiter",
       .kind = choice,
       .help = "The column separator of csv lists; `auto` detects it from the "
               "header row, or from the rows of a list without one. `plan` "
               "shows what it detected.",
       .default_value =
         default_word(list_delimiter_words, input_options{}.delimiter),
       .choices = words_in(list_delimiter_words)},
      {.name = "field",
       .help =
         "The column (csv) or member (jsonl, json) that holds the URL. A "
         "column name may differ in case if that is unambiguous. For csv lists "
         "without a header row, write the column's number, counting from 1. "
         "For a nested member, write a JSON Pointer: /product/url.",
       .default_value = input_options{}.field},
      {.name = "deduplicate",
       .kind = boolean,
       .help = "Submit each URL only once, even if the lists repeat it.",
       .default_value = input_options{}.deduplicate ? "true" : "false"},
      {.name = "on_invalid",
       .kind = choice,
       .help =
         "What to do with a line that is not an http or https URL: `skip` "
         "counts and skips it, `fail` stops before anything is sent.",
       .default_value =
         default_word(on_invalid_words, input_options{}.fail_on_invalid),
       .choices = words_in(on_invalid_words)},
    }};
}

field run_fields() {
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
       .help = "The most a run may extract: `urls` allows as many as the run "
               "has URLs, `none` sends no budget.",
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
       .help = "How often to resubmit URLs that came back without a capture, "
               "pooled into full runs. Applies only to ended runs that have no "
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

field poll_fields() {
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

field capture_fields() {
  return {.name = "captures",
          .kind = section,
          .help = "How captures are fetched.",
          .children = {
            {.name = "fetch",
             .kind = choice,
             .help = "`pages` lists a run's captures page by page; `download` "
                     "fetches them as one file with one request, through a "
                     "temporary file next to the ledger.",
             .default_value = default_word(fetch_words, false),
             .choices = words_in(fetch_words)},
            {.name = "window",
             .kind = size,
             .help = "How many bytes of pages to hold between the API and the "
                     "sinks; at least api.max_body.",
             .default_value = size_text(default_page_window),
             .min = 64 * kib,
             .max = 16 * gib},
          }};
}

field log_fields() {
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

field notify_fields() {
  return {
    .name = "notify",
    .kind = section,
    .help = "A program to run when the job ends. It receives the account as "
            "JSON on its standard input.",
    .children = {
      {.name = "command",
       .kind = text_list,
       .help = "The program and its arguments; no shell is involved. A name "
               "with a slash is a file relative to the config file's folder; "
               "any other name is looked up in PATH.",
       .required = true,
       .min = 1,
       .example = "[./tell.sh, shoes]",
       .hint =
         "each argument is a separate item, and no shell interprets them"},
      {.name = "on",
       .kind = text_list,
       .help = "When to run it, once the job has begun: `done` after exit code "
               "0, `incomplete` after 3, `stopped` after 2, 4 or 5, `held` "
               "when batches or runs wait for a decision. Default: all.",
       .min = 1,
       .choices = words_in(ending_words),
       .example = "[incomplete, stopped, held]"},
    }};
}

field sink_fields(const sink_spec& spec) {
  field out{.name = spec.type,
            .kind = section,
            .help = spec.help,
            .required = true,
            .children =
              {
                {.name = "type",
                 .kind = choice,
                 .help = "The kind of sink.",
                 .required = true,
                 .choices = {spec.type}},
                {.name = "name",
                 .help = "The sink's identity in the ledger; keep it when you "
                         "change other keys. Default: type-index.",
                 .max = 64},
              },
            .notes = spec.notes,
            .to_stdout = spec.to_stdout};
  out.children.insert(out.children.end(), spec.fields.begin(),
                      spec.fields.end());
  return out;
}

field sink_list(std::span<const sink_spec> sinks) {
  field out{.name = "sinks",
            .kind = typed_list,
            .help = "Where captures go; every capture goes to every sink.",
            .required = true,
            .min = 1,
            .example = "[{type: file, path: captures.jsonl}]"};
  for (auto& spec : sinks)
    out.children.push_back(sink_fields(spec));
  return out;
}

} // namespace

field job_fields(std::span<const sink_spec> sinks) {
  return {
    .kind = field_kind::section,
    .required = true,
    .children = {
      {.name = "name",
       .help = "The job's name. Default: the config file's name without its "
               "extension.",
       .max = 100,
       .example = "shoes-weekly"},
      api_fields(),
      input_fields(),
      run_fields(),
      poll_fields(),
      capture_fields(),
      sink_list(sinks),
      {.name = "ledger",
       .kind = field_kind::path,
       .help = "The SQLite file that records the job's state. Default: the "
               "job's name with .sluice, next to the config file.",
       .example = "shoes-weekly.sluice"},
      {.name = "serve",
       .help = "Where `run` serves the status page, /metrics, /healthz and "
               "/readyz: a port on this machine, or host:port. Anyone who can "
               "reach it can read it. Default: not served.",
       .example = "127.0.0.1:9464"},
      notify_fields(),
      log_fields(),
    }};
}

} // namespace sluice::config

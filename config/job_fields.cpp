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
    .help = "The API that extracts, and how fast it may be asked.",
    .required = true,
    .children = {
      {.name = "profile",
       .help = "The API's dialect: a built-in one (`sluice profiles`) or the "
               "path of a profile file.",
       .default_value = "extralt"},
      {.name = "base_url",
       .help = "Replaces the profile's whole base: scheme, host, port and "
               "path prefix.",
       .example = "https://api.extralt.com"},
      {.name = "key",
       .kind = secret,
       .help = "The API key. Required, unless the profile needs none or the "
               "job is only rehearsed (`--simulate`). It is read when a job "
               "starts, never logged, and sent to no host but the API's.",
       .example = "${EXTRALT_API_KEY}"},
      {.name = "requests_per_minute",
       .kind = integer,
       .help = "The sustained rate that the API grants the key; 0 is "
               "unlimited. Default: the profile's.",
       .min = 0,
       .max = 1'000'000,
       .example = "120"},
      {.name = "burst",
       .kind = integer,
       .help = "How many requests the API takes at once after a pause. "
               "Default: the profile's.",
       .min = 1,
       .max = 100'000,
       .example = "30"},
      {.name = "connections",
       .kind = integer,
       .help = "Requests under way at the same time; `auto` follows from rate "
               "and delay.",
       .default_value = "auto",
       .min = 1,
       .max = 16,
       .choices = {"auto"}},
      {.name = "timeout",
       .kind = duration,
       .help = "For one whole request, from connecting to the last byte.",
       .default_value = duration_text(api_settings{}.timeout),
       .min = 100,
       .max = ms_per_hour},
      {.name = "max_body",
       .kind = size,
       .help = "The largest reply that is read, after decompression.",
       .default_value = size_text(api_settings{}.max_body),
       .min = 64 * kib,
       .max = gib},
      {.name = "proxy",
       .help = "An HTTP proxy; \"\" for none. Default: https_proxy or "
               "http_proxy from the environment, unless no_proxy names the "
               "API's host.",
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
               "standard input. Files ending in .gz, .zst or .lz4 are read as "
               "they are.",
       .required = true,
       .min = 1,
       .example = "[lists/*.txt, extra.csv]"},
      {.name = "format",
       .kind = choice,
       .help = "How the lists are written; `auto` goes by the file's "
               "extension.",
       .default_value = default_word(list_format_words, input_options{}.format),
       .choices = words_in(list_format_words)},
      {.name = "delimiter",
       .kind = choice,
       .help = "What separates the columns of csv lists; `auto` finds it by "
               "the header row, or in a list without one by its rows, and "
               "`plan` says what it found.",
       .default_value =
         default_word(list_delimiter_words, input_options{}.delimiter),
       .choices = words_in(list_delimiter_words)},
      {.name = "field",
       .help = "The column (csv) or member (jsonl, json) that holds the URL. A "
               "column may be written in another case where that is "
               "unambiguous; for csv lists without a header row write its "
               "number, from 1. A member within others is given by a JSON "
               "Pointer: /product/url.",
       .default_value = input_options{}.field},
      {.name = "deduplicate",
       .kind = boolean,
       .help = "Submit a URL that occurs several times only once.",
       .default_value = input_options{}.deduplicate ? "true" : "false"},
      {.name = "on_invalid",
       .kind = choice,
       .help = "What to do about a line that is no http or https URL: count "
               "and skip it, or fail before anything is sent.",
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
       .help = "The robot that extracts: one for all, or a mapping from "
               "hosts, with \"*.shop.example\" for all hosts below "
               "shop.example and \"*\" for the rest. An exact host counts "
               "first, then the longest name.",
       .required = true,
       .min = 1,
       .example = "rbt_abc"},
      {.name = "urls_per_run",
       .kind = integer,
       .help = "URLs in one run.",
       .default_value = std::to_string(run_settings{}.urls_per_run),
       .min = 1,
       .max = 10'000},
      {.name = "budget",
       .kind = integer,
       .help = "The most that a run may extract: `urls` is as many as the run "
               "has URLs, `none` sends no budget.",
       .default_value =
         default_word(run_settings::budget_words, run_settings{}.budget),
       .min = 1,
       .max = 1'000'000'000,
       .choices = words_in(run_settings::budget_words)},
      {.name = "max_concurrent",
       .kind = integer,
       .help = "Runs that the API works on at the same time for this plan.",
       .default_value = std::to_string(run_settings{}.max_concurrent),
       .min = 1,
       .max = 1'000},
      {.name = "queue_ahead",
       .kind = integer,
       .help = "Further runs to have waiting in the API's queue, so that its "
               "slots never wait until an ended run is noticed.",
       .default_value = std::to_string(run_settings{}.queue_ahead),
       .min = 0,
       .max = 100},
      {.name = "max_unread",
       .kind = integer,
       .help = "Ended runs whose captures are not yet delivered; at this "
               "number no more are bought.",
       .default_value = std::to_string(run_settings{}.max_unread),
       .min = 1,
       .max = 1'000},
      {.name = "retry_missing",
       .kind = integer,
       .help = "How often to submit URLs again that came back without a "
               "capture, pooled into full runs. Only those of ended runs that "
               "have no captures of other URLs and did not end at their "
               "budget; each submit costs as the first did.",
       .default_value = std::to_string(run_settings{}.retry_missing),
       .min = 0,
       .max = 10},
      {.name = "max_credits",
       .kind = integer,
       .help = "The most credits that the whole job may cost, all its starts "
               "together. Submitting stops before what is paid, and the most "
               "that runs of unknown cost may still cost, would exceed it; it "
               "may be changed between starts.",
       .min = 1,
       .max = 1'000'000'000'000,
       .example = "5000"},
      {.name = "max_age",
       .kind = duration,
       .help = "A run that has been working longer is given up and held: it "
               "may still bill.",
       .default_value = duration_text(run_settings{}.max_age),
       .min = 60'000,
       .max = 10'000 * ms_per_hour},
      {.name = "max_pending",
       .kind = duration,
       .help = "The same for a run that is still queued.",
       .default_value = duration_text(run_settings{}.max_pending),
       .min = 60'000,
       .max = 10'000 * ms_per_hour},
    }};
}

field poll_fields() {
  return {.name = "poll",
          .kind = section,
          .help = "How often a run's status is asked for.",
          .children = {
            {.name = "interval",
             .kind = duration,
             .help = "Between two questions, unless progress predicts the end.",
             .default_value = interval_text(poll_settings{}.interval),
             .min = 1,
             .max = ms_per_hour},
            {.name = "min_interval",
             .kind = duration,
             .help = "Never closer than this, also near a predicted end.",
             .default_value = interval_text(poll_settings{}.min_interval),
             .min = 1,
             .max = ms_per_hour},
            {.name = "max_interval",
             .kind = duration,
             .help = "After five minutes of a run that shows no progress.",
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
             .help = "`pages` lists a run's captures page by page, "
                     "`download` fetches them as one file, for one request, "
                     "through a temporary file beside the ledger.",
             .default_value = default_word(fetch_words, false),
             .choices = words_in(fetch_words)},
            {.name = "window",
             .kind = size,
             .help = "Bytes of pages between the API and the sinks; at least "
                     "api.max_body.",
             .default_value = size_text(default_page_window),
             .min = 64 * kib,
             .max = 16 * gib},
          }};
}

field log_fields() {
  return {
    .name = "log",
    .kind = section,
    .help = "What is said on standard error.",
    .children = {
      {.name = "level",
       .kind = choice,
       .help = "The least level shown.",
       .default_value = default_word(log_level_words, log_settings{}.level),
       .choices = words_in(log_level_words)},
      {.name = "format",
       .kind = choice,
       .help = "`auto` is text on a terminal and JSON lines otherwise.",
       .default_value =
         default_word(log_settings::format_words, log_settings{}.as),
       .choices = words_in(log_settings::format_words)},
    }};
}

field notify_fields() {
  return {
    .name = "notify",
    .kind = section,
    .help = "A program that is told how the job ended. It gets the account as "
            "JSON on its standard input.",
    .children = {
      {.name = "command",
       .kind = text_list,
       .help = "The program and its arguments, without a shell. A name with a "
               "slash is a file, relative to the config file's folder; any "
               "other is looked for in PATH.",
       .required = true,
       .min = 1,
       .example = "[./tell.sh, shoes]",
       .hint = "each argument is an item of its own, and no shell reads them"},
      {.name = "on",
       .kind = text_list,
       .help = "When it is called, once the job has begun: `done` after exit "
               "code 0, `incomplete` after 3, `stopped` after 2, 4 or 5, "
               "`held` when batches or runs wait for a decision. Default: all "
               "of them.",
       .min = 1,
       .choices = words_in(ending_words),
       .example = "[incomplete, stopped, held]"},
    }};
}

field sink_fields(const sink_spec& spec) {
  field out{
    .name = spec.type,
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
         .help = "The sink's identity in the ledger: keep it when other "
                 "keys change. Default: type-index.",
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
  return {.kind = field_kind::section,
          .required = true,
          .children = {
            {.name = "name",
             .help = "The job. Default: the config file's name without its "
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
             .help = "The job's memory, an SQLite file. Default: the job's "
                     "name with .sluice, beside the config file.",
             .example = "shoes-weekly.sluice"},
            {.name = "serve",
             .help = "Where `run` serves the status page, /metrics, /healthz "
                     "and /readyz: a port of this machine, or host:port. "
                     "Whoever can reach it can read it. Default: not at all.",
             .example = "127.0.0.1:9464"},
            notify_fields(),
            log_fields(),
          }};
}

} // namespace sluice::config

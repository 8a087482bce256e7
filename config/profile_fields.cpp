#include "config/profile_fields.hpp"

#include "core/base/units.hpp"

namespace sluice::config {

namespace {

using enum field_kind;

constexpr int64_t longest_header_name = 100;

field path_field(std::string help) {
  return {.name = "path",
          .help = std::move(help),
          .required = true,
          .example = "/runs/${id}"};
}

field query_field() {
  return {.name = "query",
          .kind = pairs,
          .help = "Query parameters, sent in this order.",
          .default_value = "{}",
          .example = "{runId: \"${id}\"}"};
}

field pointer_field(std::string name, std::string help, bool required) {
  return {.name = std::move(name),
          .kind = pointers,
          .help = std::move(help),
          .default_value = required ? "" : "[]",
          .required = required,
          .min = required ? std::optional<int64_t>{1} : std::nullopt,
          .example = "/data/id"};
}

field statuses_field(std::string name, std::string help, std::string value) {
  return {.name = std::move(name),
          .kind = integer_list,
          .help = std::move(help),
          .default_value = std::move(value),
          .min = 100,
          .max = 599,
          .example = "[200, 201]"};
}

field words_field(std::string name) {
  return {.name = std::move(name),
          .kind = text_list,
          .help = "The API's words for this phase.",
          .default_value = "[]",
          .example = "[completed]"};
}

field auth_fields() {
  return {.name = "auth",
          .kind = section,
          .help = "How the key is sent.",
          .children = {
            {.name = "in",
             .kind = choice,
             .help = "Where the key goes; `basic` sends it as the user name.",
             .default_value =
               default_word(auth_scheme::place_words, auth_scheme{}.in),
             .choices = words_in(auth_scheme::place_words)},
            {.name = "name",
             .help = "The name of the header, parameter or member.",
             .default_value = auth_scheme{}.name},
            {.name = "prefix",
             .help = "Text before the key in a header.",
             .default_value = '"' + auth_scheme{}.prefix + '"',
             .min = 0},
          }};
}

field rate_fields() {
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
             .max = 3'600'000},
            {.name = "wait_header",
             .help = "The response header that gives a minimum wait, in "
                     "seconds or as an HTTP date.",
             .default_value = api_profile{}.wait_header},
          }};
}

field idempotency_fields() {
  return {.name = "idempotency",
          .kind = section,
          .help =
            "Only for an API that guarantees this: a submit repeated with the "
            "same key returns the first submit's run and creates no other.",
          .children = {
            {.name = "header",
             .help = "The header that carries the key, a random UUID.",
             .required = true,
             .max = longest_header_name,
             .example = "Idempotency-Key"},
            {.name = "valid_for",
             .kind = duration,
             .help = "How long the API guarantees to remember a key. A submit "
                     "whose fate is unknown is repeated for this long after "
                     "its first POST, less api.timeout, and then held.",
             .required = true,
             .min = 60'000,
             .max = int64_t{30} * 24 * 3'600'000,
             .example = "24h"},
          }};
}

field submit_fields() {
  return {
    .name = "submit",
    .kind = section,
    .help = "How a run is created.",
    .required = true,
    .children = {
      {.name = "method",
       .kind = choice,
       .help = "The request method.",
       .default_value = submit_dialect{}.method,
       .choices = {"POST", "PUT"}},
      path_field("The path below the base; may use ${robot}."),
      query_field(),
      {.name = "headers",
       .kind = pairs,
       .help = "Additional request headers, at most 32 of up to 1 KiB each; "
               "values may use ${robot} and ${budget}.",
       .default_value = "{}",
       .example = "{X-Team: \"${robot}\"}"},
      {.name = "encoding",
       .kind = choice,
       .help = "How to encode the body.",
       .default_value =
         default_word(submit_dialect::encoding_words, submit_dialect{}.as),
       .choices = words_in(submit_dialect::encoding_words)},
      {.name = "body",
       .kind = json_template,
       .help = "\"${urls}\" becomes the array of URLs, \"${budget?}\" a "
               "number or nothing, ${robot} the robot.",
       .required = true,
       .example = "{urls: \"${urls}\"}"},
      statuses_field("ok", "Statuses that mean the run was accepted.",
                     "[200, 201, 202]"),
      statuses_field("safe",
                     "Statuses that prove, together with the API's own error "
                     "body, that nothing was created. 429 always does.",
                     "[]"),
      pointer_field("id", "The run's id in the reply.", true),
      idempotency_fields(),
    }};
}

field status_fields() {
  return {
    .name = "status",
    .kind = section,
    .help = "How to ask for a run's status.",
    .required = true,
    .children = {
      path_field("The path below the base; uses ${id}."),
      query_field(),
      pointer_field("state", "The API's word for the run's status.", true),
      {.name = "map",
       .kind = section,
       .help = "What the words mean; any other word counts as active, with a "
               "warning.",
       .required = true,
       .children = {words_field("queued"), words_field("active"),
                    words_field("done"), words_field("failed"),
                    words_field("stopped")}},
      pointer_field("extracted", "Captures so far.", false),
      pointer_field("queue", "URLs left to do.", false),
      pointer_field("started_at",
                    "When the run left the queue, in ms since 1970.", false),
      {.name = "save",
       .kind = text_map,
       .help = "Names for parts of the reply (JSON Pointers), for use in later "
               "paths and queries.",
       .default_value = "{}",
       .example = "{dataset: /data/defaultDatasetId}"},
    }};
}

field page_fields() {
  return {
    .name = "page",
    .kind = section,
    .help = "How to get the next page of a listing; null if this is unknown, "
            "and then captures cannot be fetched.",
    .children = {
      {.name = "kind",
       .kind = choice,
       .help = "`none` states that there is only one page.",
       .required = true,
       .choices = words_in(pagination::kind_words)},
      {.name = "param",
       .help =
         "cursor, offset, page: the parameter that selects the next page.",
       .example = "cursor"},
      pointer_field(
        "next",
        "cursor, next_url: where the reply gives the next cursor or URL.",
        false),
      {.name = "size_param",
       .help = "offset, page: the parameter that sets the page size.",
       .example = "limit"},
      {.name = "size",
       .kind = integer,
       .help = "The page size to request; a page with fewer captures is short.",
       .min = 1,
       .max = 100'000,
       .example = "1000"},
      {.name = "total_header",
       .help = "offset, page: the header with the total number of captures.",
       .example = "X-Total"},
      pointer_field("more",
                    "page: true while more pages follow; without it, a short "
                    "or empty page is the last.",
                    false),
      {.name = "first",
       .kind = integer,
       .help = "page: the number of the first page.",
       .default_value = std::to_string(pagination{}.first),
       .min = 0,
       .max = 1},
    }};
}

field result_fields() {
  return {
    .name = "results",
    .kind = section,
    .help = "How to list a run's captures.",
    .required = true,
    .children = {
      path_field("The path below the base; may use ${id} and saved names."),
      query_field(),
      pointer_field("items",
                    "The array of captures; \"\" is the whole "
                    "reply.",
                    true),
      pointer_field("item_id", "A capture's id, within the capture.", false),
      pointer_field("item_url", "A capture's URL, within the capture.", false),
      statuses_field(
        "not_ready",
        "Statuses that mean the captures are not ready: ask again.", "[]"),
      page_fields(),
    }};
}

field download_fields() {
  return {
    .name = "download",
    .kind = section,
    .help =
      "How to fetch all of a run's captures as one file, if the API offers it.",
    .children = {
      path_field("The path below the base; uses ${id}."),
      pointer_field("url", "The signed URL, fetched without the key.", true),
      {.name = "codec",
       .kind = choice,
       .help = "The file's format.",
       .required = true,
       .choices = {"jsonl", "jsonl.lz4", "jsonl.gz", "jsonl.zst"}},
    }};
}

field find_fields() {
  return {.name = "find",
          .kind = section,
          .help = "How to list runs, to find one whose submit was ambiguous.",
          .children = {
            path_field("The path below the base."),
            pointer_field("items", "The array of runs.", true),
            pointer_field("id", "A run's id, within the run.", true),
            pointer_field("robot", "A run's robot, within the run.", false),
            pointer_field("urls", "A run's URLs, within the run.", false),
          }};
}

field make_profile_fields() {
  return {.kind = section,
          .required = true,
          .children = {
            {.name = "extends",
             .help = "A built-in profile or a profile file to start from; keys "
                     "written here replace its keys, section by section.",
             .example = "extralt"},
            {.name = "base",
             .help = "Scheme, host, port and path prefix for all paths.",
             .required = true,
             .example = "https://api.example.com/v1"},
            auth_fields(),
            rate_fields(),
            submit_fields(),
            status_fields(),
            result_fields(),
            download_fields(),
            find_fields(),
            pointer_field("error", "The message in an error body.", true),
            {.name = "budget_unit",
             .kind = choice,
             .help = "What a run's budget counts.",
             .default_value =
               default_word(api_profile::unit_words, api_profile{}.budget_unit),
             .choices = words_in(api_profile::unit_words)},
            {.name = "credits_per_unit",
             .kind = number,
             .help = "What one unit costs, in credits.",
             .default_value = "1",
             .min = 0,
             .max = 1'000'000},
            {.name = "unverified",
             .kind = text_list,
             .help = "Parts that the API's documentation does not specify.",
             .default_value = "[]",
             .example = "[results.page]"},
          }};
}

} // namespace

const field& profile_fields() {
  static const field spec = make_profile_fields();
  return spec;
}

std::vector<std::string> page_keys_needed_by(pagination::kind kind) {
  switch (kind) {
    case pagination::kind::cursor:
      return {"param", "next"};
    case pagination::kind::next_url:
      return {"next"};
    case pagination::kind::offset:
    case pagination::kind::page:
      return {"param"};
    default:
      return {};
  }
}

} // namespace sluice::config

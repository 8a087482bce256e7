#include "config/profile_sections.hpp"
#include "core/base/ascii.hpp"
#include "core/base/error.hpp"
#include "core/base/secrets.hpp"
#include "core/http/http_field.hpp"

namespace sluice::config {

namespace {

using std::chrono::milliseconds;
using header_names = std::set<std::string, std::less<>>;

constexpr int64_t longest_header_name = 100;

field idempotency_fields() {
  using enum field_kind;
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
                     "whose outcome is unknown is repeated for this long after "
                     "its first POST, less api.timeout, and then held.",
             .required = true,
             .min = 60'000,
             .max = 30 * 24 * ms_per_hour,
             .example = "24h"},
          }};
}

/// Headers, in lower case, that sluice sets itself or that would change how the
/// request is framed or the reply is encoded.
const header_names& own_headers() {
  static const header_names list{"accept-encoding",  "authorization",
                                 "connection",       "content-encoding",
                                 "content-length",   "content-type",
                                 "expect",           "host",
                                 "keep-alive",       "proxy-authorization",
                                 "proxy-connection", "te",
                                 "trailer",          "transfer-encoding",
                                 "upgrade"};
  return list;
}

/// `taken` holds the names already in use, in lower case; adds `name`.
void check_header_name(const checked_profile& profile, std::string_view path,
                       const std::string& name, header_names& taken) {
  auto where = std::string{path} + " names " + printable(name, 60);
  if (!is_field_name(name))
    profile.refuse(path, where
                           + ", which is not a header name: write letters, "
                             "digits and hyphens");
  else if (!taken.insert(lower_case(name)).second)
    profile.refuse(path,
                   where
                     + ", which sluice or another key of the profile already "
                       "sets: remove it");
}

header_template
build_headers(const checked_profile& profile, header_names& taken) {
  constexpr size_t most = 32;
  constexpr size_t longest = 1'024;
  const std::string path = "submit.headers";
  auto headers = profile.values.get<text_pairs>(path);
  if (headers.size() > most)
    profile.refuse(path, path + " names " + std::to_string(headers.size())
                           + " headers: write at most " + std::to_string(most));
  for (auto& [name, text] : headers) {
    check_header_name(profile, path, name, taken);
    if (text.size() > longest)
      profile.refuse(path, path + "." + printable(name, 60) + " is longer than "
                             + std::to_string(longest) + " bytes: shorten it");
    check_template(profile, path, text, {"robot", "budget"});
    keep_header(name, text);
  }
  return headers;
}

std::optional<idempotency_dialect>
build_idempotency(const checked_profile& profile, header_names& taken) {
  const std::string path = "submit.idempotency";
  if (!profile.values.has(path))
    return std::nullopt;
  idempotency_dialect out{
    profile.values.text(path + ".header"),
    profile.values.get<milliseconds>(path + ".valid_for")};
  check_header_name(profile, path + ".header", out.header, taken);
  return out;
}

} // namespace

field submit_fields() {
  using enum field_kind;
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

submit_dialect build_submit(const checked_profile& profile) {
  auto& values = profile.values;
  submit_dialect out;
  out.method = values.text("submit.method");
  out.path = build_path(profile, "submit", {"robot", "budget"});
  out.query = build_query(profile, "submit", {"robot", "budget"});
  auto taken = own_headers();
  if (build_auth(profile).in == auth_scheme::place::header)
    taken.insert(lower_case(values.text("auth.name")));
  out.headers = build_headers(profile, taken);
  out.as = values.choice("submit.encoding", submit_dialect::encoding_words);
  out.body = values.text("submit.body");
  check_template(profile, "submit.body", out.body, {"robot", "urls", "budget"});
  if (out.body.find("${urls}") == std::string::npos)
    profile.refuse("submit.body", "submit.body does not send the URLs: give a "
                                  "member the value \"${urls}\"");
  out.ok = profile.statuses("submit.ok");
  out.safe = profile.statuses("submit.safe");
  out.id = profile.texts("submit.id");
  out.idempotency = build_idempotency(profile, taken);
  return out;
}

} // namespace sluice::config

#include "actors/sinks/webhook_options.hpp"

#include "actors/sinks/dead_letter_log.hpp"
#include "core/base/ascii.hpp"
#include "core/base/secrets.hpp"
#include "core/base/units.hpp"
#include "core/base/url.hpp"
#include "core/http/http_field.hpp"

#include <algorithm>
#include <array>

namespace sluice {

namespace {

/// Headers that sluice or its transport sets.
bool is_ours(const std::string& name) {
  constexpr std::array<std::string_view, 7> ours{
    "connection",      "content-length",    "content-type",       "host",
    "idempotency-key", "transfer-encoding", "x-sluice-signature",
  };
  return std::find(ours.begin(), ours.end(), lower_case(name)) != ours.end();
}

caf::error wrong_webhook(const sink_context& context, const std::string& what) {
  return make_error(ec::usage,
                    "Webhook '" + printable(context.name) + "': " + what);
}

caf::error
check_headers(const sink_context& context, const webhook_options& options) {
  // Values may be credentials: only names are shown.
  for (const auto& [name, value] : options.headers) {
    if (!is_field_name(name))
      return wrong_webhook(context,
                           "'" + printable(name)
                             + "' is not a header name. Write letters, "
                               "digits and hyphens.");
    if (is_ours(name))
      return wrong_webhook(context,
                           "the header '" + name
                             + "' is set by sluice itself. Remove it.");
    if (!is_field_value(value))
      return wrong_webhook(context,
                           "the value of header '" + name
                             + "' contains a line break or another control "
                               "character. Remove it.");
  }
  return {};
}

} // namespace

std::vector<config::field> webhook_fields() {
  using config::field_kind;
  const webhook_options usual;
  return {
    {.name = "url",
     .kind = field_kind::text,
     .help = "The http or https URL to post deliveries to, each a JSON array "
             "of captures.",
     .required = true,
     .is_address = true},
    {.name = "headers",
     .kind = field_kind::text_map,
     .help = "Additional request headers."},
    {.name = "secret",
     .kind = field_kind::secret,
     .help = "Signs every body: the header X-Sluice-Signature is sha256= "
             "followed by the body's HMAC-SHA-256 in hexadecimal."},
    {.name = "batch",
     .kind = field_kind::section,
     .help = "The size of a delivery, which is always part of a single page.",
     .children = {{.name = "captures",
                   .kind = field_kind::integer,
                   .help = "The most captures per delivery; a delivery never "
                           "spans two of the API's pages.",
                   .default_value = std::to_string(usual.batch_captures),
                   .min = 1,
                   .max = 100'000},
                  {.name = "bytes",
                   .kind = field_kind::size,
                   .help =
                     "The largest body, unless a single capture is larger.",
                   .default_value = size_text(usual.batch_bytes),
                   .min = 1024,
                   .max = 64 << 20}}},
    {.name = "timeout",
     .kind = field_kind::duration,
     .help =
       "Time limit for one delivery, from connecting to the end of the reply.",
     .default_value = duration_text(usual.timeout),
     .min = 100,
     .max = 3'600'000},
    dead_letter_field(
      "A file for captures that the receiver refuses (400, 413, 422), one JSON "
      "object per line. Without it, such a capture stops the job; you can then "
      "add it and continue the job."),
    {.name = "max_down",
     .kind = field_kind::duration,
     .help = "How long deliveries may fail before on_down applies.",
     .default_value = duration_text(usual.max_down),
     .min = 1'000,
     .max = int64_t{30} * 24 * 3'600'000},
    {.name = "on_down",
     .kind = field_kind::choice,
     .help = "stop: stop the job, which can be continued later. dead_letter: "
             "write deliveries to the dead letter file and carry on.",
     .default_value =
       config::default_word(webhook_options::down_rule_words, usual.on_down),
     .choices = words_in(webhook_options::down_rule_words),
     .when_continued = config::change::allowed},
  };
}

webhook_options read_webhook_options(const config::section& fields) {
  using std::chrono::milliseconds;
  webhook_options options;
  options.url = fields.text("url");
  keep_address(options.url);
  if (fields.has("headers"))
    options.headers = fields.get<std::map<std::string, std::string>>("headers");
  for (const auto& [name, value] : options.headers)
    keep_header(name, value);
  if (fields.has("secret"))
    options.key = fields.get<secret>("secret");
  options.batch_captures =
    static_cast<size_t>(fields.get<int64_t>("batch.captures"));
  options.batch_bytes = static_cast<size_t>(fields.get<int64_t>("batch.bytes"));
  options.timeout = fields.get<milliseconds>("timeout");
  options.dead_letter = dead_letter_path(fields);
  options.max_down = fields.get<milliseconds>("max_down");
  options.on_down = fields.choice("on_down", webhook_options::down_rule_words);
  return options;
}

caf::error check_webhook_options(const sink_context& context,
                                 const webhook_options& options) {
  // The URL itself may be a secret, so it is never shown.
  if (auto defect = url_defect(options.url))
    return wrong_webhook(context,
                         std::string{"'url' cannot be posted to: "} + defect
                           + ". Write an http:// or https:// address.");
  auto parts = split_http_url(options.url);
  if (!parts || !parts->user_info.empty())
    return wrong_webhook(context,
                         "'url' contains a user name or password. Put an "
                         "Authorization header under 'headers' instead.");
  if (auto err = check_headers(context, options))
    return err;
  if (options.on_down == webhook_options::down_rule::dead_letter
      && !options.dead_letter)
    return wrong_webhook(context, "'on_down: dead_letter' needs a file under "
                                  "'dead_letter'. Name one.");
  return {};
}

} // namespace sluice

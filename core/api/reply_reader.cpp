#include "core/api/reply_reader.hpp"

#include "core/base/ascii.hpp"
#include "core/base/error.hpp"
#include "core/base/json_picker.hpp"
#include "core/http/http_date.hpp"
#include "core/http/quota_headers.hpp"

#include <algorithm>
#include <tuple>

namespace sluice {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A larger error body is not parsed.
constexpr size_t max_error_body = 1 << 20;

/// At most this many bytes of a message are read, far more than are shown.
constexpr size_t longest_message = 64 * 1024;

constexpr seconds longest_wait{600};

std::string describe_foreign(const http_reply& reply) {
  auto type = reply.header("content-type");
  if (reply.body.empty())
    return ", with an empty body";
  return ", without the API's own error body"
         + (type ? " (" + printable(*type, 60) + ")" : std::string{});
}

} // namespace

std::optional<std::string>
error_message(const api_profile& profile, std::string_view body) {
  if (body.size() > max_error_body)
    return std::nullopt;
  static const json_pointers root{""};
  json_picker picker{{json_want::any, root},
                     {json_want::text, profile.error, longest_message}};
  auto picks = picker.pick(body);
  if (!picks)
    return std::nullopt;
  const auto& [whole, message] = std::tie(picks->front(), picks->back());
  if (!whole.json.starts_with('{') || !message.found)
    return std::nullopt;
  return printable(message.text);
}

std::string
describe(const http_reply& reply, const std::optional<std::string>& message) {
  if (reply.outcome != transport_outcome::complete)
    return printable(reply.detail);
  auto text = "HTTP " + std::to_string(reply.status);
  if (message)
    return text + ": " + *message;
  if (reply.status >= 200 && reply.status < 300)
    return text;
  return text + describe_foreign(reply);
}

std::optional<milliseconds>
retry_hint(const api_profile& profile, const http_reply& reply) {
  if (auto text = reply.header(lower_case(profile.wait_header)))
    if (auto wait = read_wait(*text, reply, longest_wait))
      return *wait;
  if (reply.status != 429)
    return std::nullopt;
  auto wait = exhausted_for(reply);
  return wait ? std::optional{std::min<milliseconds>(*wait, longest_wait)}
              : std::nullopt;
}

} // namespace sluice

// Turns a profile's templates into HTTP requests. Pure: sends nothing.

#pragma once

#include "core/api/api_profile.hpp"
#include "core/base/error.hpp"
#include "core/http/http_message.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// The values for `${name}` in one request.
struct template_values {
  std::map<std::string, std::string> text; ///< robot, id, saved names
  std::vector<std::string_view> urls;      ///< for "${urls}", if not empty
  std::optional<uint64_t> budget;          ///< for "${budget}"
  std::string idempotency_key; ///< for its header, if the profile has one
};

/// `base` + `path` with its values percent-encoded + the query. Drops a
/// parameter whose value is exactly an unset "${name?}"; inside other text an
/// unset `${name?}` is empty. Errors: ec::usage for a name without a value or
/// an unterminated `${`.
[[nodiscard]] caf::expected<std::string>
expand_url(const std::string& base, const std::string& path,
           const query_template& query, const template_values& values);

/// The request that submits a run; never on a reused connection. In a form, a
/// list becomes its values joined by spaces. `key` goes where the profile's
/// auth places it. Equal arguments give equal bytes. Errors: ec::usage as
/// above; if a body template is not a JSON object, or for a form contains an
/// object or array; if a header's value would contain a control character or
/// exceed 8 KiB.
[[nodiscard]] caf::expected<http_request>
make_submit(const api_profile& profile, const template_values& values,
            const std::string& key);

/// Adds `key` to a request without a body, as a header or a query parameter.
/// (With `body` authentication, a request without a body cannot carry it.)
void authorize(http_request& request, const auth_scheme& auth,
               const std::string& key);

} // namespace sluice

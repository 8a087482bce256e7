// A profile's templates become HTTP requests. Pure: nothing is sent.

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

/// What `${name}` stands for in one request.
struct template_values {
  std::map<std::string, std::string> text; ///< robot, id, saved names
  std::vector<std::string_view> urls;      ///< "${urls}", when not empty
  std::optional<uint64_t> budget;          ///< "${budget}"
  std::string idempotency_key; ///< in its header, where the profile has one
};

/// `base` + `path` with its values percent-encoded + the query. A parameter
/// whose value is exactly an unset "${name?}" is dropped; inside other text
/// an unset `${name?}` is empty.
/// Errors: ec::usage for a name without a value or a `${` without its end.
[[nodiscard]] caf::expected<std::string>
expand_url(const std::string& base, const std::string& path,
           const query_template& query, const template_values& values);

/// The request that submits a run: never on a reused connection. In a form,
/// a list is its values joined by spaces. `key` is in it where the profile's
/// auth places it. Equal arguments give equal bytes.
/// Errors: ec::usage as above, or a body template that is no JSON object, or
/// for a form holds an object or array, or a header whose value would hold a
/// control character or more than 8 KiB.
[[nodiscard]] caf::expected<http_request>
make_submit(const api_profile& profile, const template_values& values,
            const std::string& key);

/// Puts `key` into a request without a body: header or query. (With `body`
/// authentication a GET has no place for it.)
void authorize(http_request& request, const auth_scheme& auth,
               const std::string& key);

} // namespace sluice

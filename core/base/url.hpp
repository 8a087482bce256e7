// What sluice must know of a URL: is it one that can be submitted, whose host
// is it, and which other spelling means the same page.

#pragma once

#include "core/base/error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// The longest URL accepted, in bytes; longer ones are invalid input.
inline constexpr size_t max_url_bytes = 8 * 1024;

/// Views into a URL's text, which must outlive them.
struct url_parts {
  std::string_view scheme;    ///< as written, e.g. "https"
  std::string_view user_info; ///< before the '@'; empty when absent
  std::string_view host;      ///< without user info or port; an IPv6 host
                              ///< keeps its brackets
  std::string_view port;      ///< empty when absent
  std::string_view target;    ///< path, query and fragment; may be empty
};

/// Splits `text` into its parts; nullopt when it is no absolute http or
/// https URL with a host and, if any, a port up to 65535. Does not check
/// length or encoding.
[[nodiscard]] std::optional<url_parts>
split_http_url(std::string_view text) noexcept;

/// Why `text` cannot be submitted, in a few words ("not an http or https
/// URL", "no host", "bad port", "longer than 8 KiB", "not UTF-8", "contains a
/// control character or space"), with the remedy for a byte order mark or
/// UTF-16 text, which joined lists have; nullptr when it can. Only what
/// certainly is no URL has a defect: odd characters in path or query have none.
[[nodiscard]] const char* url_defect(std::string_view text) noexcept;

/// The same text for all spellings of a host: in lower case, and in its IDNA
/// form when it is not ASCII ("Bücher.example" is "xn--bcher-kva.example"). A
/// host that has no such form stays as it is, in lower case.
[[nodiscard]] std::string host_key(std::string_view host);

/// The URL's host, as its key; for looking up its robot. REQUIRES: no defect.
[[nodiscard]] std::string host_of(std::string_view url);

/// A spelling that is the same for URLs that differ only in the case of
/// scheme and host, an explicit default port, an empty path, the fragment, or
/// the case and need of percent-encoding (RFC 3986, 6.2.2 and 6.2.3): hex
/// digits are upper case, what need not be encoded is not, what must be is.
/// Query order, trailing slashes and dot segments are kept: they may matter.
/// What is no http or https URL is returned as it is.
[[nodiscard]] std::string normal_form(std::string_view url);

} // namespace sluice

// What sluice needs to know about a URL: whether it can be submitted, its host,
// and whether two spellings mean the same page.

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

/// Splits `text` into its parts; nullopt unless it is an absolute http or https
/// URL with a host and, if it has a port, one up to 65535. Does not check
/// length or encoding.
[[nodiscard]] std::optional<url_parts>
split_http_url(std::string_view text) noexcept;

/// Why `text` cannot be submitted, in a few words ("not an http or https URL",
/// "no host", "bad port", "longer than 8 KiB", "not UTF-8", "contains a control
/// character or space"); nullptr if it can. A byte order mark or UTF-16 text,
/// as in joined lists, also gets the remedy. Odd characters in path or query
/// are not a defect.
[[nodiscard]] const char* url_defect(std::string_view text) noexcept;

/// One text for all spellings of a host: lower case, and in IDNA form if it is
/// not ASCII ("Bücher.example" is "xn--bcher-kva.example"). A host without an
/// IDNA form is only converted to lower case.
[[nodiscard]] std::string host_key(std::string_view host);

/// The key of the URL's host, to look up its robot. REQUIRES: no defect.
[[nodiscard]] std::string host_of(std::string_view url);

/// One spelling for all URLs that differ only in the case of scheme and host,
/// an explicit default port, an empty path, the fragment, or equivalent
/// percent-encoding (RFC 3986, 6.2.2 and 6.2.3). Hex digits become upper case;
/// a byte is encoded only if it must be. Query order, trailing slashes and dot
/// segments are kept, since they may matter. Returns any text other than an
/// http or https URL unchanged.
[[nodiscard]] std::string normal_form(std::string_view url);

} // namespace sluice

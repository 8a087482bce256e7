#include "core/base/url.hpp"

#include "core/base/ascii.hpp"
#include "core/base/percent_encoding.hpp"
#include "core/base/utf8.hpp"

#include <idn2.h>

#include <algorithm>
#include <memory>

namespace sluice {

namespace {

constexpr const char* wrong_scheme = "not an http or https URL";
constexpr const char* no_host = "no host";
constexpr const char* bad_port = "bad port";

/// REQUIRES: `start` is lower case.
bool begins_with(std::string_view text, std::string_view start) noexcept {
  if (text.size() < start.size())
    return false;
  for (size_t i = 0; i < start.size(); ++i)
    if (lower_case(text[i]) != start[i])
      return false;
  return true;
}

size_t scheme_length(std::string_view text) noexcept {
  if (begins_with(text, "https:"))
    return 5;
  return begins_with(text, "http:") ? 4 : 0;
}

/// The port's number; nullopt if invalid. An empty port is 0.
std::optional<uint32_t> port_number(std::string_view port) noexcept {
  if (port.empty())
    return 0;
  return read_number<uint16_t>(port);
}

/// Splits `authority` into user info, host and port; returns the defect.
const char*
split_authority(std::string_view authority, url_parts& parts) noexcept {
  // The last '@' counts: browsers allow one in the user info.
  if (auto at = authority.rfind('@'); at != std::string_view::npos) {
    parts.user_info = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  auto host_end = authority.find(':');
  if (authority.starts_with('[')) {
    auto bracket = authority.find(']');
    if (bracket == std::string_view::npos || bracket == 1)
      return no_host;
    host_end = bracket + 1;
    if (host_end < authority.size() && authority[host_end] != ':')
      return no_host;
  }
  parts.host = authority.substr(0, host_end);
  if (parts.host.empty())
    return no_host;
  if (host_end < authority.size())
    parts.port = authority.substr(host_end + 1);
  return port_number(parts.port) ? nullptr : bad_port;
}

/// Splits a whole URL; returns the defect.
const char* split(std::string_view text, url_parts& parts) noexcept {
  auto scheme = scheme_length(text);
  if (scheme == 0)
    return wrong_scheme;
  parts.scheme = text.substr(0, scheme);
  auto rest = text.substr(scheme + 1);
  if (!rest.starts_with("//"))
    return no_host;
  rest.remove_prefix(2);
  auto authority = rest.substr(0, rest.find_first_of("/?#"));
  parts.target = rest.substr(authority.size());
  return split_authority(authority, parts);
}

/// The traces of joining lists of different encodings; nullptr if none.
const char* encoding_defect(std::string_view text) noexcept {
  if (text.starts_with("\xEF\xBB\xBF"))
    return "begins with a byte order mark, as joined files may: remove it "
           "with sed 's/^\\xEF\\xBB\\xBF//'";
  auto zeros = static_cast<size_t>(std::count(text.begin(), text.end(), '\0'));
  return zeros > 0 && 3 * zeros >= text.size()
           ? "UTF-16 text: convert this part of the list with iconv -f UTF-16 "
             "-t UTF-8"
           : nullptr;
}

/// The defect of text that is not plain printable ASCII.
const char* bytes_defect(std::string_view text) noexcept {
  if (auto defect = encoding_defect(text))
    return defect;
  while (!text.empty()) {
    auto length = utf8_sequence(text);
    if (length == 0)
      return "not UTF-8";
    if (text[0] == ' ' || is_control(text.substr(0, length)))
      return "contains a control character or space";
    text.remove_prefix(length);
  }
  return nullptr;
}

bool is_printable_ascii(std::string_view text) noexcept {
  bool all = true;
  for (char c : text)
    all &= c > ' ' && c < '\x7f';
  return all;
}

// -- normal form --------------------------------------------------------------

/// True if `c` can appear in a URL unencoded (RFC 3986: unreserved, reserved).
bool is_url_character(char c) noexcept {
  constexpr std::string_view reserved = ":/?#[]@!$&'()*+,;=";
  return is_unreserved(c) || reserved.find(c) != std::string_view::npos;
}

enum class letter_case { keep, lower };

/// Appends `text` with only the necessary bytes encoded. A percent sign that
/// does not begin a valid encoding is itself encoded, so normalising twice
/// changes nothing.
void append_normal(std::string& out, std::string_view text, letter_case as) {
  while (!text.empty()) {
    auto encoded = encoded_byte(text);
    auto byte = encoded.value_or(text[0]);
    if (encoded ? is_unreserved(byte) : is_url_character(byte))
      out += as == letter_case::lower ? lower_case(byte) : byte;
    else
      append_encoded(out, byte);
    text.remove_prefix(encoded ? 3 : 1);
  }
}

} // namespace

std::optional<url_parts> split_http_url(std::string_view text) noexcept {
  url_parts parts;
  if (split(text, parts) != nullptr)
    return std::nullopt;
  return parts;
}

const char* url_defect(std::string_view text) noexcept {
  if (text.size() > max_url_bytes)
    return "longer than 8 KiB";
  if (!is_printable_ascii(text))
    if (auto defect = bytes_defect(text))
      return defect;
  url_parts parts;
  return split(text, parts);
}

std::string host_key(std::string_view host) {
  auto lower = lower_case(host);
  if (is_printable_ascii(lower) || lower.find('\0') != std::string::npos)
    return lower;
  char* ascii = nullptr;
  auto status = idn2_to_ascii_8z(lower.c_str(), &ascii,
                                 IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  std::unique_ptr<char, decltype(&idn2_free)> owner{ascii, &idn2_free};
  return status == IDN2_OK ? ascii : lower;
}

std::string host_of(std::string_view url) {
  url_parts parts;
  split(url, parts);
  return host_key(parts.host);
}

std::string normal_form(std::string_view url) {
  auto parts = split_http_url(url);
  if (!parts)
    return std::string{url};
  std::string out = parts->scheme.size() == 5 ? "https://" : "http://";
  if (!parts->user_info.empty()) {
    append_normal(out, parts->user_info, letter_case::keep);
    out += '@';
  }
  append_normal(out, parts->host, letter_case::lower);
  auto default_port = parts->scheme.size() == 5 ? 443u : 80u;
  auto port = port_number(parts->port).value_or(0);
  if (!parts->port.empty() && port != default_port)
    out += ':' + std::to_string(port);
  auto target = parts->target.substr(0, parts->target.find('#'));
  if (!target.starts_with('/'))
    out += '/';
  append_normal(out, target, letter_case::keep);
  return out;
}

} // namespace sluice

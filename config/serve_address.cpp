#include "config/serve_address.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>

namespace sluice::config {

namespace {

/// The longest host name that DNS allows.
constexpr size_t longest_host = 253;

bool is_one_of(char c, std::string_view more) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
         || (c >= 'A' && c <= 'Z') || more.find(c) != std::string_view::npos;
}

bool is_host(std::string_view text, std::string_view more) {
  return !text.empty() && text.size() <= longest_host
         && std::all_of(text.begin(), text.end(),
                        [&](char c) { return is_one_of(c, more); });
}

} // namespace

std::optional<serve_settings> parse_serve_address(std::string_view text) {
  auto colon = text.rfind(':');
  auto port = read_number<uint16_t>(text.substr(colon + 1));
  if (!port)
    return std::nullopt;
  if (colon == std::string_view::npos)
    return serve_settings{"127.0.0.1", *port};
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (!is_host(host, ":."))
      return std::nullopt;
  } else if (!is_host(host, ".-")) {
    return std::nullopt;
  }
  return serve_settings{std::string{host}, *port};
}

bool is_loopback(std::string_view host) {
  auto is_v4 =
    host.starts_with("127.")
    && host.find_first_not_of("0123456789.") == std::string_view::npos;
  return is_v4 || host == "localhost" || host == "::1";
}

} // namespace sluice::config

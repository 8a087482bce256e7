#include "core/http/http_url.hpp"

#include "core/base/ascii.hpp"
#include "core/base/percent_encoding.hpp"
#include "core/base/url.hpp"

#include <algorithm>

namespace sluice {

namespace {

std::optional<uint16_t> read_port(std::string_view text) {
  auto port = read_number<uint16_t>(text);
  return port == 0 ? std::nullopt : port;
}

std::string_view without_fragment(std::string_view url) {
  return url.substr(0, url.find('#'));
}

bool is_clean(std::string_view url) {
  return std::none_of(url.begin(), url.end(),
                      [](unsigned char c) { return c <= 0x20 || c == 0x7F; });
}

/// RFC 3986, 5.2.2, except for dot segments, which servers resolve.
std::string join(std::string_view base, std::string_view link) {
  auto parts = split_http_url(base);
  auto authority_end = static_cast<size_t>(parts->target.data() - base.data());
  if (parts->target.empty())
    authority_end = base.size();
  if (link.starts_with("//"))
    return std::string{parts->scheme} + ':' + std::string{link};
  auto server = std::string{base.substr(0, authority_end)};
  if (link.starts_with('/'))
    return server + std::string{link};
  auto path = parts->target.substr(0, parts->target.find('?'));
  if (link.starts_with('?'))
    return server + std::string{path} + std::string{link};
  auto folder = path.substr(0, path.rfind('/') + 1);
  return server + (folder.empty() ? "/" : std::string{folder})
         + std::string{link};
}

} // namespace

std::optional<http_origin> origin_of(std::string_view url) {
  auto parts = split_http_url(url);
  if (!parts || parts->host.empty())
    return std::nullopt;
  http_origin result;
  result.tls = lower_case(parts->scheme) == "https";
  result.port = result.tls ? 443 : 80;
  if (!parts->port.empty()) {
    auto port = read_port(parts->port);
    if (!port)
      return std::nullopt;
    result.port = *port;
  }
  auto host = parts->host;
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  result.host = lower_case(host);
  return result;
}

std::string target_of(std::string_view url) {
  auto target = without_fragment(split_http_url(url)->target);
  if (target.empty() || target.front() != '/')
    return '/' + std::string{target};
  return std::string{target};
}

void append_parameter(std::string& url, std::string_view name,
                      std::string_view value) {
  url += url.find('?') == std::string::npos ? '?' : '&';
  url += percent_encode(name) + '=' + percent_encode(value);
}

std::string without_parameter(std::string_view url, std::string_view name) {
  auto query_at = url.find('?');
  if (query_at == std::string_view::npos)
    return std::string{url};
  auto encoded = percent_encode(name);
  auto query = without_fragment(url.substr(query_at + 1));
  std::string result{url.substr(0, query_at)};
  auto separator = '?';
  while (!query.empty()) {
    auto one = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), one.size() + 1));
    auto key = one.substr(0, one.find('='));
    if (key == name || key == encoded)
      continue;
    result += separator;
    result += one;
    separator = '&';
  }
  return result;
}

std::optional<std::string>
resolve_link(std::string_view base, std::string_view link) {
  if (link.empty() || !is_clean(link))
    return std::nullopt;
  auto has_scheme = link.find_first_of(":/?#") != std::string_view::npos
                    && link[link.find_first_of(":/?#")] == ':';
  auto result = has_scheme ? std::string{link} : join(base, link);
  if (!origin_of(result))
    return std::nullopt;
  return result;
}

} // namespace sluice

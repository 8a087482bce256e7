#include "core/http/request_head.hpp"

#include "core/base/ascii.hpp"
#include "core/base/base64.hpp"
#include "core/base/percent_encoding.hpp"
#include "core/base/url.hpp"
#include "core/http/http_field.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sluice {

namespace {

constexpr auto user_agent = "sluice";

bool is_target(std::string_view url) {
  return is_field_value(url) && url.find_first_of(" \t") == url.npos;
}

void append(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

bool has(const http_request& request, std::string_view name) {
  return std::any_of(
    request.headers.begin(), request.headers.end(),
    [&](const auto& field) { return lower_case(field.first) == name; });
}

/// The Host value that servers expect: without the scheme's default port.
std::string host_field(const http_origin& origin) {
  auto is_usual = origin.port == (origin.tls ? 443 : 80);
  auto name = authority_of(origin.host, origin.port);
  return is_usual ? name.substr(0, name.rfind(':')) : name;
}

void append_credentials(std::string& head, const proxy_address& proxy) {
  if (!proxy.user.empty())
    append(head, "Proxy-Authorization",
           "Basic " + base64(proxy.user + ':' + proxy.password));
}

/// The headers sent unless the request sets them.
void append_defaults(std::string& head, const http_request& request) {
  if (!request.content_type.empty() && !has(request, "content-type"))
    append(head, "Content-Type", request.content_type);
  for (auto [key, name, value] :
       {std::tuple{"accept", "Accept", "application/json"},
        std::tuple{"accept-encoding", "Accept-Encoding", "gzip"},
        std::tuple{"user-agent", "User-Agent", user_agent}})
    if (!has(request, key))
      append(head, name, value);
}

} // namespace

std::optional<proxy_address> read_proxy(const std::string& text) {
  auto origin = origin_of(text);
  if (!origin || origin->tls)
    return std::nullopt;
  proxy_address result;
  result.host = origin->host;
  result.port = origin->port;
  auto user_info = split_http_url(text)->user_info;
  auto colon = user_info.find(':');
  result.user = percent_decode(user_info.substr(0, colon));
  if (colon != std::string_view::npos)
    result.password = percent_decode(user_info.substr(colon + 1));
  return result;
}

std::string authority_of(const std::string& host, uint16_t port) {
  auto is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

const char* defect_of(const http_request& request) {
  if (!origin_of(request.url))
    return "the address is not an http or https URL";
  if (!is_target(request.url))
    return "the address contains a space or control character";
  for (const auto& [name, value] : request.headers)
    if (!is_field_name(name) || !is_field_value(value))
      return "a header contains a control character; check api.key";
  return nullptr;
}

std::string
request_head(const http_request& request, const proxy_address* proxy) {
  auto origin = *origin_of(request.url);
  auto head = request.method + ' ';
  if (proxy != nullptr)
    head += "http://" + authority_of(origin.host, origin.port);
  head += target_of(request.url) + " HTTP/1.1\r\n";
  append(head, "Host", host_field(origin));
  for (const auto& [name, value] : request.headers)
    append(head, name, value);
  append_defaults(head, request);
  if (request.fresh_connection)
    append(head, "Connection", "close");
  if (!request.body.empty() || request.method != "GET")
    append(head, "Content-Length", std::to_string(request.body.size()));
  if (proxy != nullptr)
    append_credentials(head, *proxy);
  return head + "\r\n";
}

std::string
connect_head(const http_origin& origin, const proxy_address& proxy) {
  auto server = authority_of(origin.host, origin.port);
  auto head = "CONNECT " + server + " HTTP/1.1\r\n";
  append(head, "Host", server);
  append(head, "User-Agent", user_agent);
  append_credentials(head, proxy);
  return head + "\r\n";
}

} // namespace sluice

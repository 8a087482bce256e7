#include "config/proxy.hpp"

#include "core/base/url.hpp"

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <string_view>

namespace sluice::config {

namespace {

std::string first_set(std::initializer_list<const char*> names) {
  for (auto name : names)
    if (auto value = std::getenv(name); value != nullptr && *value != '\0')
      return value;
  return {};
}

bool is_local_name(std::string_view host) {
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

/// "example.com" and ".example.com" cover the host and all hosts below it.
bool covers(std::string_view entry, std::string_view host) {
  if (entry == "*")
    return true;
  if (entry.starts_with('.'))
    entry.remove_prefix(1);
  if (entry.empty() || !host.ends_with(entry))
    return false;
  return host.size() == entry.size()
         || host[host.size() - entry.size() - 1] == '.';
}

bool is_excluded(std::string_view host) {
  auto list = first_set({"no_proxy", "NO_PROXY"});
  std::string_view rest = list;
  while (!rest.empty()) {
    auto comma = std::min(rest.find(','), rest.size());
    auto entry = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    auto begin = std::min(entry.find_first_not_of(' '), entry.size());
    entry.remove_prefix(begin);
    entry = entry.substr(0, entry.find_last_not_of(' ') + 1);
    if (covers(entry, host))
      return true;
  }
  return false;
}

} // namespace

std::string proxy_from_environment(const std::string& base) {
  auto host = host_of(base);
  if (is_local_name(host) || is_excluded(host))
    return {};
  if (base.starts_with("https:"))
    return first_set({"https_proxy", "HTTPS_PROXY"});
  return first_set({"http_proxy"});
}

} // namespace sluice::config

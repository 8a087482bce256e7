#include "pipeline/serve/request_check.hpp"

#include "core/base/ascii.hpp"

#include <arpa/inet.h>

namespace sluice {

namespace {

/// The parts of a Host field.
struct authority {
  std::string_view name; ///< without the brackets of an IPv6 address
  bool is_ipv6 = false;
};

/// nullopt if the name is followed by something that is not a port.
std::optional<authority> read_host(std::string_view host) {
  authority out{host.substr(0, host.find(':')), host.starts_with('[')};
  auto rest = host.substr(out.name.size());
  if (out.is_ipv6) {
    auto end = host.find(']');
    if (end == host.npos)
      return std::nullopt;
    out.name = host.substr(1, end - 1);
    rest = host.substr(end + 1);
  }
  if (!rest.empty()
      && (rest.front() != ':' || !read_number<uint16_t>(rest.substr(1))))
    return std::nullopt;
  return out;
}

/// Whether `name` itself denotes this machine, without asking a resolver:
/// localhost, or a loopback address in its usual form.
bool is_this_machine(const authority& host) {
  const std::string name{host.name};
  in6_addr ipv6{};
  in_addr ipv4{};
  if (host.is_ipv6)
    return ::inet_pton(AF_INET6, name.c_str(), &ipv6) == 1
           && IN6_IS_ADDR_LOOPBACK(&ipv6);
  if (::inet_pton(AF_INET, name.c_str(), &ipv4) == 1)
    return ntohl(ipv4.s_addr) >> 24 == IN_LOOPBACKNET;
  return lower_case(name) == "localhost";
}

} // namespace

std::optional<refusal> check_request(const asked& request, bool is_loopback) {
  if (request.method != "GET")
    return refusal{405, "only GET requests are answered"};
  auto host = read_host(request.host);
  if (is_loopback && !(host && is_this_machine(*host)))
    return refusal{
      403,
      "use 127.0.0.1 or localhost: requests under other names are refused"};
  // Other sites may link to the page, but not load anything from here.
  if (request.fetch_site == "cross-site" && request.path != "/")
    return refusal{403, "other sites' pages may not read this"};
  return std::nullopt;
}

} // namespace sluice

#include "pipeline/serve/request_check.hpp"

#include "config/serve_address.hpp"

namespace sluice {

namespace {

/// The Host header without its port and brackets.
std::string_view name_in(std::string_view host) {
  if (host.starts_with('[')) {
    auto end = host.find(']');
    return end == std::string_view::npos ? host : host.substr(1, end - 1);
  }
  return host.substr(0, host.find(':'));
}

} // namespace

std::optional<refusal> check_request(const asked& request, bool is_loopback) {
  if (request.method != "GET")
    return refusal{405, "only GET is answered here"};
  if (is_loopback && !config::is_loopback(name_in(request.host)))
    return refusal{403, "ask for 127.0.0.1 or localhost: another name for this "
                        "machine is not answered"};
  // Other sites may link to the page, but not load anything from here.
  if (request.fetch_site == "cross-site" && request.path != "/")
    return refusal{403, "other sites' pages may not read this"};
  return std::nullopt;
}

} // namespace sluice

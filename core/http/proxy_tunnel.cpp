#include "core/http/proxy_tunnel.hpp"

#include "core/http/reply_framing.hpp"

#include <array>
#include <string_view>

namespace sluice {

namespace {

caf::error refusal(const proxy_address& proxy, const std::string& what) {
  return make_error(ec::unavailable,
                    "the proxy "
                      + printable(authority_of(proxy.host, proxy.port), 100)
                      + ' ' + what);
}

bool send_all(timed_socket& socket, std::string_view bytes) {
  while (!bytes.empty()) {
    auto sent = socket.send(bytes.data(), bytes.size());
    if (sent <= 0)
      return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

caf::error judge(const proxy_address& proxy, const reply_framing& reply,
                 bool is_followed) {
  constexpr auto bad_credentials = 407;
  if (auto defect = reply.defect())
    return refusal(proxy, std::string{"answers with a reply that "} + defect
                            + "; check api.proxy");
  auto status = reply.head().status;
  if (status == bad_credentials)
    return refusal(proxy,
                   "requires valid credentials (HTTP 407); check api.proxy");
  if (status < 200 || status >= 300)
    return refusal(proxy, "refused the tunnel (HTTP " + std::to_string(status)
                            + "); check api.proxy");
  if (is_followed)
    return refusal(proxy, "sent data after its reply; check api.proxy");
  return {};
}

} // namespace

caf::error open_tunnel(timed_socket& socket, const http_origin& origin,
                       const proxy_address& proxy) {
  constexpr auto broken = "gave no complete reply to CONNECT";
  if (!send_all(socket, connect_head(origin, proxy)))
    return refusal(proxy, broken);
  reply_framing reply{"CONNECT"};
  std::array<char, 4096> buffer;
  std::string_view input;
  while (!reply.has_head() && !reply.ended()) {
    auto got = socket.receive(buffer.data(), buffer.size());
    if (got <= 0)
      return refusal(proxy, broken);
    input = {buffer.data(), static_cast<size_t>(got)};
    while (!input.empty() && !reply.has_head() && !reply.ended())
      static_cast<void>(reply.take(input));
  }
  return judge(proxy, reply, !input.empty());
}

} // namespace sluice

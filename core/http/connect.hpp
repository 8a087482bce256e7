// Connects to a server by name. If the name has several addresses, they are
// raced (RFC 8305, "happy eyeballs"), so a dead one costs a moment, not the
// whole timeout.

#pragma once

#include "core/base/error.hpp"
#include "core/base/file_descriptor.hpp"
#include "core/base/stop_switch.hpp"
#include "core/base/time.hpp"

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// One address and port, IPv4 or IPv6.
struct socket_address {
  sockaddr_storage data{};
  socklen_t size = 0;

  [[nodiscard]] const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&data);
  }

  friend bool operator==(const socket_address& a, const socket_address& b);
};

using address_list = std::vector<socket_address>;

/// Resolves a host name to addresses, in the system's preferred order. Blocks.
/// Errors: ec::usage if the host does not exist, ec::unavailable if that cannot
/// be determined now.
using resolver = std::function<caf::expected<address_list>(
  const std::string& host, uint16_t port)>;

/// Uses the system's resolver (getaddrinfo(3)).
[[nodiscard]] caf::expected<address_list>
resolve_name(const std::string& host, uint16_t port);

/// "api.example:443": a server's name for messages. Untrusted text is fine.
[[nodiscard]] std::string server_name(const std::string& host, uint16_t port);

/// Further addresses are ignored.
inline constexpr size_t max_addresses = 16;

/// The order to try addresses in: `proven` first if it is among them, then the
/// others in their order, alternating between the families (RFC 8305, 4). Pure.
[[nodiscard]] address_list
connect_order(address_list found, const socket_address* proven);

/// How long to wait for one of `count` addresses before trying the next as
/// well: 250 ms (RFC 8305, 5), or less if not all could be tried in the time
/// left. Pure.
[[nodiscard]] duration connect_stagger(size_t count, duration left);

/// Opens the connections of one thread and remembers which addresses work.
class connector {
public:
  using clock = std::chrono::steady_clock;

  explicit connector(resolver resolve) : resolve_{std::move(resolve)} {}

  /// Returns a connected, non-blocking socket. The name look-up cannot be
  /// interrupted. Errors: the resolver's; ec::unavailable if no address
  /// answered by `deadline` or before `stop` was cut.
  [[nodiscard]] caf::expected<file_descriptor>
  connect(const std::string& host, uint16_t port, clock::time_point deadline,
          const stop_switch& stop);

  /// Reports the result of the last connection. After a reply, its address is
  /// tried first from now on; without one, last.
  void judge_last(bool replied);

private:
  [[nodiscard]] address_list in_order(address_list found) const;

  /// How many servers' working addresses are remembered.
  static constexpr size_t max_known = 64;

  resolver resolve_;
  std::map<std::string, socket_address> proven_; ///< by host and port
  /// Addresses that connected but gave no reply; tried last.
  std::map<std::string, socket_address> silent_;
  std::string last_key_;
  std::optional<socket_address> last_; ///< connected, not yet judged
};

} // namespace sluice

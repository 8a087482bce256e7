// Connects to a server that may have several addresses, of which some may not
// answer: they are tried in a race (RFC 8305, "happy eyeballs"), so that a
// dead one costs a moment, not the whole time.

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

/// The addresses of a host's name, the system's choice first. Blocks.
/// Errors: ec::usage when the host does not exist, ec::unavailable when that
/// cannot be known now.
using resolver = std::function<caf::expected<address_list>(
  const std::string& host, uint16_t port)>;

/// Asks the system, see getaddrinfo(3).
[[nodiscard]] caf::expected<address_list>
resolve_name(const std::string& host, uint16_t port);

/// More addresses than this are not tried.
inline constexpr size_t max_addresses = 16;

/// The order to try them in: `proven` first if it is one of them, the others
/// in theirs, but with the two families in turn (RFC 8305, 4). Pure.
[[nodiscard]] address_list
connect_order(address_list found, const socket_address* proven);

/// How long one address of `count` is alone before the next is tried, too:
/// 250 ms (RFC 8305, 5), or less where not all would get their turn in the
/// time that is left. Pure.
[[nodiscard]] duration connect_stagger(size_t count, duration left);

/// The connections of one thread. Remembers which addresses worked.
class connector {
public:
  using clock = std::chrono::steady_clock;

  explicit connector(resolver resolve) : resolve_{std::move(resolve)} {}

  /// A connected, non-blocking socket. The look-up of the name is not
  /// interrupted. Errors: the resolver's; ec::unavailable
  /// when no address answered by `deadline`, or before `stop` was cut.
  [[nodiscard]] caf::expected<file_descriptor>
  connect(const std::string& host, uint16_t port, clock::time_point deadline,
          const stop_switch& stop);

  /// What became of the last connection: with a reply over it, its address is
  /// tried first from now on; without, no longer.
  void judge_last(bool replied);

private:
  [[nodiscard]] address_list in_order(address_list found) const;

  /// Servers whose working address is remembered.
  static constexpr size_t max_known = 64;

  resolver resolve_;
  std::map<std::string, socket_address> proven_; ///< by host and port
  /// Connected, but then there was no reply: tried last.
  std::map<std::string, socket_address> silent_;
  std::string last_key_;
  std::optional<socket_address> last_; ///< connected, not yet judged
};

} // namespace sluice

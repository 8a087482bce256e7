#include "core/http/server/visitor.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>

namespace sluice::web {

namespace {

constexpr size_t least_room = 4 << 10;

/// Grows by powers of two, one of which is the largest head: a string's own
/// growth could end at almost twice that.
void make_room(std::string& bytes, size_t more) {
  auto wanted = bytes.size() + more;
  if (wanted > bytes.capacity())
    bytes.reserve(std::bit_ceil(std::max(wanted, least_room)));
}

} // namespace

bool receive_head(int socket, visitor& from) {
  std::array<char, 16 << 10> buffer;
  while (from.head.state() == head_state::incomplete) {
    auto room = std::min(buffer.size(), most_head_bytes - from.bytes.size());
    auto count = ::recv(socket, buffer.data(), room, MSG_DONTWAIT);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return errno == EAGAIN || errno == EWOULDBLOCK;
    if (count == 0)
      return false;
    auto size = static_cast<size_t>(count);
    make_room(from.bytes, size);
    from.bytes.append(buffer.data(), size);
    from.head.read(from.bytes);
  }
  return true;
}

} // namespace sluice::web

#include "core/http/connect.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace sluice {

namespace {

using clock = connector::clock;
using std::chrono::milliseconds;

constexpr milliseconds longest_stagger{250};
constexpr milliseconds shortest_stagger{10};

/// Returns a non-blocking socket that is connected or connecting.
file_descriptor begin_connect(const socket_address& address) {
  file_descriptor socket{::socket(
    address.get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket)
    return {};
  int yes = 1;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (::connect(socket.get(), address.get(), address.size) != 0
      && errno != EINPROGRESS && errno != EINTR)
    return {};
  return socket;
}

/// REQUIRES: poll(2) reported `socket`.
bool is_connected(int socket) {
  int problem = 0;
  socklen_t size = sizeof problem;
  return getsockopt(socket, SOL_SOCKET, SO_ERROR, &problem, &size) == 0
         && problem == 0;
}

/// The error for a failed getaddrinfo(3).
caf::error not_found(const std::string& host, int problem) {
  auto name = printable(host, 100);
  if (problem == EAI_NONAME || problem == EAI_NODATA)
    return make_error(ec::usage, "there is no host " + name);
  return make_error(ec::unavailable,
                    "the name " + name
                      + " cannot be looked up now: " + gai_strerror(problem));
}

/// Connects to several addresses in parallel until one succeeds.
class race {
public:
  race(const address_list& addresses, clock::time_point deadline,
       const stop_switch& stop)
      : addresses_{addresses},
        deadline_{deadline},
        stagger_{connect_stagger(addresses.size(), deadline - clock::now())},
        stop_{stop} {}

  /// The first connected socket, and its address.
  std::pair<file_descriptor, socket_address> run() {
    while (clock::now() < deadline_ && !stop_.is_cut()) {
      start_due();
      if (attempts_.empty() && next_ == addresses_.size())
        break;
      if (auto winner = wait(); winner.first)
        return winner;
    }
    return {};
  }

private:
  struct attempt {
    file_descriptor socket;
    socket_address address;
  };

  void start_due() {
    auto now = clock::now();
    while (next_ < addresses_.size()
           && (attempts_.empty() || next_at_ <= now)) {
      const auto& address = addresses_[next_++];
      if (auto socket = begin_connect(address)) {
        attempts_.push_back({std::move(socket), address});
        next_at_ = now + stagger_;
      }
    }
  }

  std::pair<file_descriptor, socket_address> wait() {
    std::vector<pollfd> polled{{stop_.signal(), POLLIN, 0}};
    for (const auto& each : attempts_)
      polled.push_back({each.socket.get(), POLLOUT, 0});
    auto until =
      next_ < addresses_.size() ? std::min(next_at_, deadline_) : deadline_;
    auto left = std::chrono::ceil<milliseconds>(until - clock::now());
    auto time = std::clamp(left, milliseconds{0}, stop_switch::longest_wait);
    if (poll(polled.data(), polled.size(), static_cast<int>(time.count())) <= 0)
      return {};
    std::vector<attempt> open;
    for (size_t i = 0; i < attempts_.size(); ++i) {
      auto& each = attempts_[i];
      if (polled[i + 1].revents == 0)
        open.push_back(std::move(each));
      else if (is_connected(each.socket.get()))
        return {std::move(each.socket), each.address};
      else
        next_at_ = clock::now(); // a refusal lets the next start at once
    }
    attempts_ = std::move(open);
    return {};
  }

  const address_list& addresses_;
  clock::time_point deadline_;
  duration stagger_;
  const stop_switch& stop_;
  std::vector<attempt> attempts_;
  size_t next_ = 0;
  clock::time_point next_at_{};
};

} // namespace

bool operator==(const socket_address& a, const socket_address& b) {
  return a.size == b.size && std::memcmp(&a.data, &b.data, a.size) == 0;
}

caf::expected<address_list>
resolve_name(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  auto service = std::to_string(port);
  if (auto problem = getaddrinfo(host.c_str(), service.c_str(), &hints, &found))
    return not_found(host, problem);
  address_list result;
  for (auto each = found; each != nullptr; each = each->ai_next) {
    socket_address address;
    if (each->ai_addrlen > sizeof address.data)
      continue;
    std::memcpy(&address.data, each->ai_addr, each->ai_addrlen);
    address.size = each->ai_addrlen;
    result.push_back(address);
  }
  freeaddrinfo(found);
  return result;
}

address_list connect_order(address_list found, const socket_address* proven) {
  auto rest = found.begin();
  if (proven != nullptr) {
    auto known = std::find(found.begin(), found.end(), *proven);
    if (known != found.end()) {
      std::rotate(found.begin(), known, known + 1);
      ++rest;
    }
  }
  for (; rest != found.end(); ++rest) {
    if (rest == found.begin())
      continue;
    auto before = std::prev(rest)->get()->sa_family;
    auto other = std::find_if(rest, found.end(), [&](const auto& each) {
      return each.get()->sa_family != before;
    });
    if (other != found.end())
      std::rotate(rest, other, other + 1);
  }
  if (found.size() > max_addresses)
    found.resize(max_addresses);
  return found;
}

duration connect_stagger(size_t count, duration left) {
  auto share = left / static_cast<int64_t>(count + 1);
  return std::clamp<duration>(share, shortest_stagger, longest_stagger);
}

/// The address that worked goes first, and one that gave no reply goes last.
address_list connector::in_order(address_list found) const {
  auto known = proven_.find(last_key_);
  auto addresses = connect_order(
    std::move(found), known == proven_.end() ? nullptr : &known->second);
  if (auto silent = silent_.find(last_key_); silent != silent_.end()) {
    auto at = std::find(addresses.begin(), addresses.end(), silent->second);
    if (at != addresses.end())
      std::rotate(at, at + 1, addresses.end());
  }
  return addresses;
}

std::string server_name(const std::string& host, uint16_t port) {
  return printable(host, 100) + ':' + std::to_string(port);
}

caf::expected<file_descriptor>
connector::connect(const std::string& host, uint16_t port,
                   clock::time_point deadline, const stop_switch& stop) {
  last_key_ = host + ' ' + std::to_string(port);
  last_.reset();
  auto found = resolve_(host, port);
  if (!found)
    return found.error();
  auto addresses = in_order(std::move(*found));
  auto [socket, address] = race{addresses, deadline, stop}.run();
  if (!socket)
    return make_error(ec::unavailable,
                      "no connection to " + server_name(host, port));
  last_ = address;
  return std::move(socket);
}

void connector::judge_last(bool replied) {
  if (!last_)
    return;
  auto& known = replied ? proven_ : silent_;
  auto& other = replied ? silent_ : proven_;
  if (auto found = other.find(last_key_);
      found != other.end() && found->second == *last_)
    other.erase(found);
  if (known.size() < max_known || known.contains(last_key_))
    known[last_key_] = *last_;
  last_.reset();
}

} // namespace sluice

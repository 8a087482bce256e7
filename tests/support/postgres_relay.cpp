#include "tests/support/postgres_relay.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace sluice::test {

namespace {

constexpr const char* socket_name = ".s.PGSQL.5432";

sockaddr_un address_in(const std::string& folder) {
  auto path = folder + "/" + socket_name;
  sockaddr_un out{};
  out.sun_family = AF_UNIX;
  if (path.size() >= sizeof out.sun_path)
    throw std::runtime_error("the path of a socket is too long");
  std::memcpy(out.sun_path, path.c_str(), path.size() + 1);
  return out;
}

file_descriptor new_socket() {
  return file_descriptor{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
}

bool send_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    auto sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool receive(int from, std::string& into) {
  std::array<char, 64 << 10> buffer;
  auto got = ::recv(from, buffer.data(), buffer.size(), 0);
  if (got > 0)
    into.append(buffer.data(), static_cast<size_t>(got));
  return got > 0;
}

uint32_t length_at(std::string_view bytes, size_t at) {
  uint32_t out = 0;
  for (size_t i = 0; i < 4; ++i)
    out = out << 8 | static_cast<uint8_t>(bytes[at + i]);
  return out;
}

/// A Parse or Query message.
bool is_commit(std::string_view message) {
  using namespace std::string_view_literals;
  return (message[0] == 'P' || message[0] == 'Q')
         && message.find("COMMIT\0"sv) != message.npos;
}

} // namespace

postgres_relay::postgres_relay(std::string folder)
    : server_folder_{std::move(folder)}, listener_{new_socket()} {
  auto address = address_in(host());
  if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address),
             sizeof address)
        != 0
      || ::listen(listener_.get(), 8) != 0)
    throw std::runtime_error("no socket to listen on");
  thread_ = std::thread{[this] { run(); }};
}

postgres_relay::~postgres_relay() {
  ends_ = true;
  thread_.join();
}

void postgres_relay::run() {
  while (!ends_) {
    std::vector<pollfd> entries{{listener_.get(), POLLIN, 0}};
    for (const auto& one : links_) {
      entries.push_back({one.client.get(), POLLIN, 0});
      entries.push_back({one.server.get(), POLLIN, 0});
    }
    constexpr auto milliseconds = 20; // until it sees that it is to end
    if (::poll(entries.data(), entries.size(), milliseconds) <= 0)
      continue;
    size_t i = 1;
    for (auto one = links_.begin(); one != links_.end(); i += 2) {
      auto lives = (entries[i].revents == 0 || read_client(*one))
                   && (entries[i + 1].revents == 0 || read_server(*one));
      one = lives ? std::next(one) : links_.erase(one);
    }
    if (entries[0].revents != 0)
      accept_one();
  }
}

void postgres_relay::accept_one() {
  link next{
    file_descriptor{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)},
    new_socket()};
  auto address = address_in(server_folder_);
  if (::connect(next.server.get(), reinterpret_cast<const sockaddr*>(&address),
                sizeof address)
      == 0)
    links_.push_back(std::move(next));
}

bool postgres_relay::read_client(link& one) {
  return receive(one.client.get(), one.from_client) && pass_messages(one);
}

bool postgres_relay::pass_messages(link& one) {
  auto& bytes = one.from_client;
  for (;;) {
    size_t type = one.has_started ? 1 : 0; // the first message has no type
    if (bytes.size() < type + 4)
      return true;
    auto size = type + length_at(bytes, type);
    if (bytes.size() < size)
      return true;
    auto message = std::string_view{bytes}.substr(0, size);
    if (one.has_started && is_commit(message)) {
      auto armed = fault_.load();
      if (armed == fault::lose_commit || armed == fault::keep_open) {
        if (armed == fault::keep_open)
          kept_open_.push_back(std::move(one.server));
        fault_ = fault::none;
        return false;
      }
      one.at_answer = armed;
    }
    if (messages_left_ > 0 && --messages_left_ == 0) {
      if (!reaches_server_)
        return false;
      one.breaks_at_answer = true;
    }
    if (!send_all(one.server.get(), message))
      return false;
    one.has_started = true;
    bytes.erase(0, size);
  }
}

bool postgres_relay::read_server(link& one) {
  using namespace std::string_view_literals;
  if (!receive(one.server.get(), one.from_server) || one.breaks_at_answer)
    return false;
  if (one.at_answer == fault::none) {
    auto sent = send_all(one.client.get(), one.from_server);
    one.from_server.clear();
    return sent;
  }
  auto tag = one.from_server.find("COMMIT\0"sv);
  if (tag == std::string::npos)
    return true;
  if (one.at_answer == fault::pass_answer) // and not that it is ready again
    send_all(one.client.get(), one.from_server.substr(0, tag + 7));
  fault_ = fault::none;
  return false;
}

} // namespace sluice::test

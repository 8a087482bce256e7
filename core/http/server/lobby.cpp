#include "core/http/server/lobby.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

namespace sluice::web {

namespace {

using namespace std::chrono_literals;

constexpr auto between_sweeps = 100ms;
/// Bytes and time to drain after a reply, so that it survives the close.
constexpr size_t most_drained = 64 << 20;
constexpr auto drain_time = 1s;
constexpr int most_accepted = 64; ///< in one turn
constexpr auto without_descriptors = 10ms;

constexpr refusal busy{503, "the server is busy: try again in a second"};
constexpr refusal crowded{503, "too many connections: try again in a second"};
constexpr refusal too_slow{408, "the request did not arrive in time"};

file_descriptor must(int fd) {
  if (fd < 0)
    throw std::system_error{errno, std::generic_category()};
  return file_descriptor{fd};
}

bool may_try_later() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

} // namespace

lobby::lobby(int listener, const shell_limits& limits, refusal_form form,
             std::function<bool(visitor&)> serve)
    : listener_{listener},
      limits_{limits},
      form_{std::move(form)},
      serve_{std::move(serve)},
      epoll_{must(::epoll_create1(EPOLL_CLOEXEC))},
      wake_{must(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC))} {
  if (!watch(listener_, EPOLLIN, true) || !watch(wake_.get(), EPOLLIN, true))
    throw std::system_error{errno, std::generic_category()};
}

// -- what other threads call --------------------------------------------------

void lobby::stop() {
  is_stopping_ = true;
  wake();
}

void lobby::await_request(visitor who) {
  guest one{.who = std::move(who)};
  auto is_idle = one.who.bytes.empty();
  one.at = is_idle ? stage::idle : stage::reading;
  one.deadline = one.since + (is_idle ? limits_.idle_time : limits_.head_time);
  hand_in(std::move(one));
}

void lobby::send(file_descriptor socket, std::string reply) {
  hand_in({.who = {.socket = std::move(socket), .bytes = std::move(reply)},
           .at = stage::sending});
}

void lobby::refuse(file_descriptor socket, const refusal& why) {
  send(std::move(socket), refusal_text(why, form_));
}

void lobby::hand_in(guest one) {
  {
    std::lock_guard guard{mutex_};
    if (is_stopping_)
      return;
    handed_in_.push_back(std::move(one));
  }
  wake();
}

void lobby::wake() {
  uint64_t one = 1;
  static_cast<void>(!::write(wake_.get(), &one, sizeof one));
}

// -- the loop -----------------------------------------------------------------

void lobby::run() {
  while (!is_stopping_) {
    auto wait = guests_.empty() ? -1ms : between_sweeps;
    try {
      turn(static_cast<int>(wait.count()));
    } catch (const std::exception&) {
      // Out of memory for one guest, which is dropped. The others stay.
    }
  }
  guests_.clear();
  std::lock_guard guard{mutex_};
  handed_in_.clear();
}

void lobby::turn(int timeout_ms) {
  std::array<epoll_event, 64> ready;
  auto count =
    ::epoll_wait(epoll_.get(), ready.data(), ready.size(), timeout_ms);
  auto has_new = false;
  for (auto i = 0; i < count; ++i) {
    auto socket = ready[static_cast<size_t>(i)].data.fd;
    if (socket == listener_)
      has_new = true;
    else if (socket != wake_.get())
      look_at(socket);
  }
  take_in();
  sweep();
  // Last, since the number of a closed socket may be reused.
  if (has_new)
    accept_all();
}

void lobby::look_at(int socket) {
  auto found = guests_.find(socket);
  if (found == guests_.end())
    return;
  auto stays = false;
  try {
    stays = go_on(found->second);
  } catch (const std::exception&) {
    // No reply is possible.
  }
  if (!stays)
    guests_.erase(socket);
}

void lobby::take_in() {
  uint64_t count = 0;
  static_cast<void>(!::read(wake_.get(), &count, sizeof count));
  std::vector<guest> handed_in;
  {
    std::lock_guard guard{mutex_};
    handed_in.swap(handed_in_);
  }
  for (auto& one : handed_in)
    try {
      welcome(std::move(one));
    } catch (const std::exception&) {
      // Out of memory for one guest, which is dropped. The others stay.
    }
}

void lobby::sweep() {
  auto now = clock::now();
  if (now - swept_ < between_sweeps)
    return;
  swept_ = now;
  for (auto entry = guests_.begin(); entry != guests_.end();) {
    auto& one = entry->second;
    auto is_late = one.deadline <= now;
    auto is_told =
      is_late && one.at == stage::reading && !one.who.bytes.empty();
    if (is_late && !(is_told && answer(one, too_slow)))
      entry = guests_.erase(entry);
    else
      ++entry;
  }
}

void lobby::accept_all() {
  for (auto count = 0; count < most_accepted; ++count) {
    auto socket =
      ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) {
      auto has_none_left = errno == EMFILE || errno == ENFILE
                           || errno == ENOBUFS || errno == ENOMEM;
      if (has_none_left && !guests_.empty())
        send_away_oldest();
      else if (has_none_left)
        std::this_thread::sleep_for(without_descriptors);
      return;
    }
    int yes = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    guest one{.who = {.socket = file_descriptor{socket},
                      .head = request_head{limits_.most_body}}};
    one.deadline = one.since + limits_.head_time;
    welcome(std::move(one));
  }
}

/// Handles data that has already arrived before waiting for more.
void lobby::welcome(guest one) {
  if (guests_.size() >= limits_.most_waiting)
    send_away_oldest();
  auto socket = one.who.socket.get();
  auto [entry, is_new] = guests_.try_emplace(socket, std::move(one));
  if (!is_new || !watch(socket, EPOLLIN, true)) {
    guests_.erase(entry);
    return;
  }
  look_at(socket);
}

/// Chooses a guest whose reply is being sent only if there is no other.
void lobby::send_away_oldest() {
  auto oldest = std::min_element(
    guests_.begin(), guests_.end(), [](const auto& a, const auto& b) {
      auto rank = [](const guest& one) {
        return std::pair{one.at == stage::sending, one.since};
      };
      return rank(a.second) < rank(b.second);
    });
  if (oldest == guests_.end())
    return;
  if (oldest->second.at == stage::reading) {
    auto text = refusal_text(crowded, form_);
    static_cast<void>(::send(oldest->first, text.data(), text.size(),
                             MSG_NOSIGNAL | MSG_DONTWAIT));
  }
  guests_.erase(oldest);
}

// -- one guest ----------------------------------------------------------------

bool lobby::go_on(guest& one) {
  switch (one.at) {
    case stage::reading:
    case stage::idle:
      return read(one);
    case stage::sending:
      return one.deadline == clock::time_point{}
               ? reply(one, std::move(one.who.bytes))
               : send_more(one);
    case stage::draining:
      return drain(one);
  }
  return false;
}

bool lobby::read(guest& one) {
  if (!receive_head(one.who.socket.get(), one.who))
    return false;
  switch (one.who.head.state()) {
    case head_state::refused:
      return answer(one, one.who.head.why());
    case head_state::incomplete:
      if (one.at == stage::idle && !one.who.bytes.empty()) {
        one.at = stage::reading;
        one.since = clock::now();
        one.deadline = one.since + limits_.head_time;
      }
      return true;
    case head_state::complete:
      break;
  }
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, one.who.socket.get(), nullptr);
  if (serve_(one.who))
    return false;
  return watch(one.who.socket.get(), EPOLLIN, true) && answer(one, busy);
}

bool lobby::answer(guest& one, const refusal& why) {
  return reply(one, refusal_text(why, form_));
}

bool lobby::reply(guest& one, std::string text) {
  one.who.bytes.clear();
  make_room_for(text.size());
  one.who.bytes = std::move(text);
  one.at = stage::sending;
  one.done = 0;
  one.deadline = clock::now() + limits_.reply_time;
  return send_more(one);
}

bool lobby::send_more(guest& one) {
  auto socket = one.who.socket.get();
  const auto& text = one.who.bytes;
  while (one.done < text.size()) {
    auto count = ::send(socket, text.data() + one.done, text.size() - one.done,
                        MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0)
      return may_try_later() && watch(socket, EPOLLOUT, false);
    one.done += static_cast<size_t>(count);
  }
  ::shutdown(socket, SHUT_WR);
  one.at = stage::draining;
  one.who.bytes = {};
  one.done = 0;
  one.deadline = clock::now() + drain_time;
  return watch(socket, EPOLLIN, false);
}

/// Closing with unread bytes could destroy the reply on its way.
bool lobby::drain(guest& one) {
  std::array<char, 16 << 10> buffer;
  auto count =
    ::recv(one.who.socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count < 0)
    return may_try_later();
  one.done += static_cast<size_t>(count);
  return count > 0 && one.done <= most_drained;
}

void lobby::make_room_for(size_t bytes) {
  for (;;) {
    auto unsent = bytes;
    auto oldest = guests_.end();
    for (auto entry = guests_.begin(); entry != guests_.end(); ++entry) {
      auto& one = entry->second;
      if (one.at != stage::sending || one.who.bytes.empty())
        continue;
      unsent += one.who.bytes.size();
      if (oldest == guests_.end() || one.since < oldest->second.since)
        oldest = entry;
    }
    if (unsent <= limits_.most_unsent || oldest == guests_.end())
      return;
    guests_.erase(oldest);
  }
}

bool lobby::watch(int socket, unsigned events, bool is_new) {
  epoll_event event{};
  event.events = events;
  event.data.fd = socket;
  return ::epoll_ctl(epoll_.get(), is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
                     socket, &event)
         == 0;
}

} // namespace sluice::web

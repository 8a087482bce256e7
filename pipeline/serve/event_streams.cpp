#include "pipeline/serve/event_streams.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace sluice {

namespace {

using namespace std::chrono_literals;

/// How many events a watcher may fall behind.
constexpr int most_time_to_take = 5;
constexpr auto last_words = 500ms;

file_descriptor new_signal() {
  auto fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0)
    throw std::system_error{errno, std::generic_category()};
  return file_descriptor{fd};
}

} // namespace

event_streams::event_streams(texts source, std::chrono::milliseconds between)
    : source_{std::move(source)},
      between_{between},
      wake_{new_signal()},
      thread_{[this] { run(); }} {}

event_streams::~event_streams() {
  stop();
}

bool event_streams::add(const std::function<file_descriptor()>& take) {
  std::lock_guard guard{mutex_};
  if (is_ending_ || count_ >= most)
    return false;
  newcomers_.push_back(take());
  ++count_;
  wake();
  return true;
}

void event_streams::stop() {
  {
    std::lock_guard guard{mutex_};
    is_ending_ = true;
    wake();
  }
  if (thread_.joinable())
    thread_.join();
}

void event_streams::wake() {
  uint64_t one = 1;
  static_cast<void>(!::write(wake_.get(), &one, sizeof one));
}

// -- the streams' own thread --------------------------------------------------

void event_streams::run() {
  for (auto goes_on = true; goes_on;) {
    try {
      turn();
    } catch (const std::exception&) {
      // Out of memory: skip this turn. No watcher may end the job.
    }
    std::lock_guard guard{mutex_};
    goes_on = !is_ending_;
  }
  try {
    end();
  } catch (const std::exception&) {
    // The watchers do not get the last event.
  }
  watchers_.clear();
}

void event_streams::turn() {
  take_in();
  if (!watchers_.empty() && clock::now() >= next_event_)
    publish();
  send_all();
  wait(watchers_.empty() ? clock::time_point::max() : next_event_);
}

void event_streams::end() {
  take_in();
  if (!watchers_.empty())
    publish();
  auto until = clock::now() + last_words;
  auto is_busy = [](const watcher& one) { return one.sending != nullptr; };
  send_all();
  while (clock::now() < until
         && std::any_of(watchers_.begin(), watchers_.end(), is_busy)) {
    wait(until);
    send_all();
  }
}

void event_streams::take_in() {
  std::vector<file_descriptor> newcomers;
  {
    std::lock_guard guard{mutex_};
    newcomers.swap(newcomers_);
  }
  if (newcomers.empty())
    return;
  auto now = clock::now();
  if (now >= welcome_until_) {
    welcome_ = build(source_.welcome);
    welcome_until_ = now + between_;
  }
  if (watchers_.empty())
    next_event_ = now + between_;
  for (auto& socket : newcomers) {
    watchers_.push_back({.socket = std::move(socket)});
    give(watchers_.back(), welcome_);
  }
}

void event_streams::publish() {
  next_event_ = clock::now() + between_;
  auto event = build(source_.event);
  for (auto& one : watchers_)
    give(one, event);
}

event_streams::text_ptr
event_streams::build(const std::function<std::string()>& source) {
  return std::make_shared<const std::string>(source());
}

void event_streams::give(watcher& to, const text_ptr& text) {
  if (to.sending) {
    to.next = text;
    return;
  }
  to.sending = text;
  to.sent = 0;
  to.since = clock::now();
}

void event_streams::send_more(watcher& to) const {
  while (to.sending) {
    auto left = to.sending->size() - to.sent;
    auto count = ::send(to.socket.get(), to.sending->data() + to.sent, left,
                        MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0) {
      auto is_full = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
      to.is_gone =
        !is_full || clock::now() - to.since >= most_time_to_take * between_;
      return;
    }
    to.sent += static_cast<size_t>(count);
    if (to.sent == to.sending->size()) {
      to.sending = nullptr;
      if (to.next)
        give(to, std::exchange(to.next, nullptr));
    }
  }
}

/// Closes the connections of watchers that have gone.
void event_streams::part() {
  std::erase_if(watchers_, [](const watcher& one) { return one.is_gone; });
  std::lock_guard guard{mutex_};
  count_ = watchers_.size() + newcomers_.size();
}

/// Sends each watcher as much as it accepts now.
void event_streams::send_all() {
  for (auto& one : watchers_)
    send_more(one);
  part();
}

/// Waits until a watcher accepts more or leaves, or another thread wakes it.
void event_streams::wait(clock::time_point until) {
  using std::chrono::milliseconds;
  std::vector<pollfd> entries{{wake_.get(), POLLIN, 0}};
  for (auto& one : watchers_) {
    short events = one.sending ? POLLIN | POLLOUT : POLLIN;
    entries.push_back({one.socket.get(), events, 0});
  }
  auto left = std::chrono::ceil<milliseconds>(until - clock::now());
  auto is_endless = until == clock::time_point::max();
  auto time = is_endless ? -1 : std::max<int64_t>(0, left.count());
  if (::poll(entries.data(), entries.size(), static_cast<int>(time)) <= 0)
    return;
  uint64_t count = 0;
  static_cast<void>(!::read(wake_.get(), &count, sizeof count));
  // Watchers send nothing, so readable input means one has left or misbehaved.
  for (size_t i = 0; i < watchers_.size(); ++i)
    watchers_[i].is_gone = (entries[i + 1].revents & ~POLLOUT) != 0;
  part();
}

} // namespace sluice

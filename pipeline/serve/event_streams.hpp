// The watchers of a job: connections that get an event each second while they
// are open. One thread builds each event once and writes it to all watchers
// without waiting. A watcher that has not read an event by the time five more
// are due is disconnected.
//
// Bounded: 64 watchers, which share the same few texts.

#pragma once

#include "core/base/file_descriptor.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sluice {

class event_streams {
public:
  static constexpr size_t most = 64;

  /// What to send: `welcome` to a new watcher, including the reply's head and a
  /// first event, then `event` each second. Only the streams' thread calls
  /// these, each at most once a second and only while there is a watcher.
  struct texts {
    std::function<std::string()> welcome;
    std::function<std::string()> event;
  };

  /// `between` is the time between events; tests use a shorter one. Throws
  /// std::system_error if the system is out of descriptors or threads.
  explicit event_streams(
    texts source, std::chrono::milliseconds between = std::chrono::seconds{1});
  ~event_streams();
  event_streams(const event_streams&) = delete;
  event_streams& operator=(const event_streams&) = delete;

  /// Calls `take` for a watcher's connection if there is room for one more;
  /// else returns false.
  [[nodiscard]] bool add(const std::function<file_descriptor()>& take);

  /// Sends a last event, waits at most half a second for the watchers to read
  /// it, and closes all connections.
  void stop();

private:
  using clock = std::chrono::steady_clock;
  using text_ptr = std::shared_ptr<const std::string>;

  struct watcher {
    file_descriptor socket{};
    text_ptr sending{}; ///< partly sent
    text_ptr next{};    ///< the newest event since
    size_t sent = 0;
    clock::time_point since{}; ///< of `sending`
    bool is_gone = false;
  };

  void run();
  void turn();
  void end();
  void take_in();
  void publish();
  void send_all();
  void wait(clock::time_point until);
  void wake();
  [[nodiscard]] static text_ptr
  build(const std::function<std::string()>& source);
  static void give(watcher& to, const text_ptr& text);
  void send_more(watcher& to) const;
  void part();

  texts source_;
  std::chrono::milliseconds between_;
  file_descriptor wake_;

  // Used only by the streams' thread.
  std::vector<watcher> watchers_;
  text_ptr welcome_;
  clock::time_point welcome_until_;
  clock::time_point next_event_;

  std::mutex mutex_; ///< guards the members below
  std::vector<file_descriptor> newcomers_;
  size_t count_ = 0; ///< newcomers and watchers
  bool is_ending_ = false;

  std::thread thread_;
};

} // namespace sluice

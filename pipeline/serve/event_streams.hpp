// The watchers of a job: connections that are sent an event each second for as
// long as they are open. One thread builds the event, once for all, and writes
// it to each without waiting; a watcher that does not take an event while five
// more come is cut.
//
// Bounded: 64 watchers; their events are the same few texts, shared.

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

  /// What is sent: `welcome` to a new watcher, its reply's head and a first
  /// event included, then `event` each second. Both are called by the streams'
  /// own thread alone, each at most once a second and only while there is a
  /// watcher.
  struct texts {
    std::function<std::string()> welcome;
    std::function<std::string()> event;
  };

  /// `between` is the second, for tests a shorter one. Throws
  /// std::system_error when the system has no more descriptors or threads.
  explicit event_streams(
    texts source, std::chrono::milliseconds between = std::chrono::seconds{1});
  ~event_streams();
  event_streams(const event_streams&) = delete;
  event_streams& operator=(const event_streams&) = delete;

  /// Calls `take` for a watcher's connection when there is room for one more;
  /// else returns false.
  [[nodiscard]] bool add(const std::function<file_descriptor()>& take);

  /// Sends a last event, waits half a second at most for the watchers to take
  /// it, and closes all.
  void stop();

private:
  using clock = std::chrono::steady_clock;
  using text_ptr = std::shared_ptr<const std::string>;

  struct watcher {
    file_descriptor socket{};
    text_ptr sending{}; ///< under way
    text_ptr next{};    ///< the newest event meanwhile
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

  // Of the streams' own thread.
  std::vector<watcher> watchers_;
  text_ptr welcome_;
  clock::time_point welcome_until_;
  clock::time_point next_event_;

  std::mutex mutex_; ///< guards what follows
  std::vector<file_descriptor> newcomers_;
  size_t count_ = 0; ///< newcomers and watchers
  bool is_ending_ = false;

  std::thread thread_;
};

} // namespace sluice

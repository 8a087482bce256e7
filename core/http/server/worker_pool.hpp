// Threads that serve requests, with a bounded queue: the lobby's visitors with
// a complete head go in.

#pragma once

#include "core/http/server/visitor.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sluice::web {

class worker_pool {
public:
  /// `work` must not throw. Throws std::system_error if the system cannot start
  /// the threads.
  worker_pool(size_t threads, size_t most_queued,
              std::function<void(visitor)> work);
  ~worker_pool();
  worker_pool(const worker_pool&) = delete;
  worker_pool& operator=(const worker_pool&) = delete;

  /// False if the queue is full; `who` is then unchanged.
  [[nodiscard]] bool try_push(visitor& who);

  /// True if requests are waiting for a thread.
  [[nodiscard]] bool is_short() const;

  /// Waits for requests in progress and drops those in the queue.
  void stop();

private:
  void run();

  size_t most_queued_;
  std::function<void(visitor)> work_;
  mutable std::mutex mutex_; ///< guards what follows
  std::condition_variable changed_;
  std::deque<visitor> queue_;
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};

} // namespace sluice::web

#include "core/http/server/worker_pool.hpp"

#include <utility>

namespace sluice::web {

worker_pool::worker_pool(size_t threads, size_t most_queued,
                         std::function<void(visitor)> work)
    : most_queued_{most_queued}, work_{std::move(work)} {
  try {
    while (threads_.size() < threads)
      threads_.emplace_back([this] { run(); });
  } catch (...) {
    stop();
    throw;
  }
}

worker_pool::~worker_pool() {
  stop();
}

bool worker_pool::try_push(visitor& who) {
  {
    std::lock_guard guard{mutex_};
    if (is_stopping_ || queue_.size() >= most_queued_)
      return false;
    queue_.push_back(std::move(who));
  }
  changed_.notify_one();
  return true;
}

bool worker_pool::is_short() const {
  std::lock_guard guard{mutex_};
  return !queue_.empty();
}

void worker_pool::stop() {
  {
    std::lock_guard guard{mutex_};
    is_stopping_ = true;
    queue_.clear();
  }
  changed_.notify_all();
  for (auto& thread : threads_)
    if (thread.joinable())
      thread.join();
}

void worker_pool::run() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
    if (queue_.empty())
      return;
    auto who = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work_(std::move(who));
    lock.lock();
  }
}

} // namespace sluice::web

#include "pipeline/actor_threads.hpp"

#include <caf/detail/set_thread_name.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/coordinator.hpp>

#include <semaphore.h>

#include <atomic>
#include <cassert>
#include <cerrno>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace sluice {

namespace {

using caf::resumable;

/// Waking a waiting thread takes two system calls; with a mutex and a condition
/// variable, it would take up to four.
class wake_signal {
public:
  wake_signal() { ::sem_init(&semaphore_, 0, 0); }
  ~wake_signal() { ::sem_destroy(&semaphore_); }
  wake_signal(const wake_signal&) = delete;
  wake_signal& operator=(const wake_signal&) = delete;

  void send() { ::sem_post(&semaphore_); }

  void wait() {
    while (::sem_wait(&semaphore_) != 0 && errno == EINTR)
      continue;
  }

private:
  sem_t semaphore_{};
};

/// The actors that share a thread and have messages to handle.
class shared_queue {
public:
  /// `helps`: the calling thread will soon call `help`.
  void push(resumable* job, bool helps) {
    std::unique_lock guard{mutex_};
    jobs_.push_back(job);
    if (!helps)
      wake(guard);
  }

  /// Waits for the next actor. Only for the thread dedicated to these actors.
  [[nodiscard]] resumable* next() {
    std::unique_lock guard{mutex_};
    runs_ = false;
    while (runs_ || jobs_.empty()) {
      guard.unlock();
      signal_.wait();
      guard.lock();
      is_woken_ = false;
    }
    runs_ = true;
    return pop();
  }

  /// Runs actors until none has a message left or `is_busy` returns true. Does
  /// nothing if another thread is running them.
  template <class IsBusy>
  void help(caf::execution_unit& here, IsBusy is_busy) {
    std::unique_lock guard{mutex_};
    if (runs_)
      return;
    runs_ = true;
    while (!jobs_.empty() && !is_busy()) {
      auto* job = pop();
      guard.unlock();
      auto goes_on = job->resume(&here, 1) == resumable::resume_later;
      if (!goes_on)
        caf::intrusive_ptr_release(job);
      guard.lock();
      if (goes_on)
        jobs_.push_back(job);
    }
    runs_ = false;
    wake(guard);
  }

  /// Call when no thread runs actors any more.
  template <class F>
  void take_all(F use) {
    for (auto* job : std::exchange(jobs_, {}))
      use(job);
  }

private:
  resumable* pop() {
    auto* job = jobs_.front();
    jobs_.pop_front();
    return job;
  }

  /// Wakes the thread that waits in `next`, if it is needed. Unlocks first, so
  /// that it does not have to wait for the lock.
  void wake(std::unique_lock<std::mutex>& guard) {
    auto is_needed =
      !runs_ && !jobs_.empty() && !std::exchange(is_woken_, true);
    guard.unlock();
    if (is_needed)
      signal_.send();
  }

  std::mutex mutex_; ///< guards what follows
  std::deque<resumable*> jobs_;
  /// True while a thread runs one of them. The dedicated thread counts as
  /// running one until it first calls `next`.
  bool runs_ = true;
  bool is_woken_ = false; ///< the signal was sent but not yet received
  wake_signal signal_;
};

class actor_thread;
class all_jobs;

/// The jobs whose shared actors this thread helps to run; null if none.
thread_local const all_jobs* helped = nullptr;

/// True if this thread has put a shared actor into the queue and will help.
thread_local bool has_promised = false;

/// The queue of the shared actors, and the threads of the others.
class all_jobs {
public:
  explicit all_jobs(caf::scheduler::abstract_coordinator*) {}

  void add(actor_thread& thread);

  /// Wakes the actor's own thread, or queues the actor if it is a shared one.
  void enqueue(resumable* job);

  shared_queue shared;

private:
  /// True if this thread will soon run the shared actors. A thread promises it
  /// only once per message: a handler that sends another message is still busy.
  [[nodiscard]] bool promise() const {
    return helped == this && !std::exchange(has_promised, true);
  }

  std::atomic<actor_thread*> threads_{nullptr};
};

/// A thread for one actor.
class actor_thread final : public caf::execution_unit {
public:
  actor_thread(caf::actor_system& system, all_jobs& jobs)
      : execution_unit{&system}, jobs_{jobs}, thread_{[this] { run(); }} {}

  /// The first job is the launch of the thread's own actor.
  void exec_later(resumable* job) override {
    if (is_new_) {
      is_new_ = false;
      actor_ = job;
      jobs_.add(*this);
    }
    jobs_.enqueue(job);
  }

  [[nodiscard]] bool is_of(resumable* job) const {
    return actor_.load(std::memory_order_acquire) == job;
  }

  void wake() {
    has_work_ = true;
    signal_.send();
  }

  void end() {
    ends_ = true;
    signal_.send();
    thread_.join();
  }

  actor_thread* next = nullptr; ///< in the list of all threads

private:
  void run() {
    caf::detail::set_thread_name("caf.actor");
    system().thread_started();
    helped = &jobs_;
    for (signal_.wait(); !ends_; signal_.wait()) {
      has_work_ = false;
      while (run_once())
        jobs_.shared.help(*this, [] { return true; });
      jobs_.shared.help(*this, [this] { return has_work_.load(); });
    }
    system().thread_terminates();
  }

  /// Handles only one message, so that nobody waits for its answer while the
  /// next one blocks. True if there are more.
  [[nodiscard]] bool run_once() {
    has_promised = false;
    auto* actor = actor_.load();
    auto result = actor->resume(this, 1);
    if (result == resumable::resume_later)
      return true;
    if (result == resumable::done)
      actor_ = nullptr;
    caf::intrusive_ptr_release(actor);
    return false;
  }

  all_jobs& jobs_;
  bool is_new_ = true;
  std::atomic<resumable*> actor_{nullptr};
  std::atomic<bool> has_work_{false};
  std::atomic<bool> ends_{false};
  wake_signal signal_;
  std::thread thread_; ///< last: it uses the others
};

void all_jobs::add(actor_thread& thread) {
  thread.next = threads_.load(std::memory_order_relaxed);
  threads_.store(&thread, std::memory_order_release);
}

void all_jobs::enqueue(resumable* job) {
  auto* thread = threads_.load(std::memory_order_acquire);
  while (thread != nullptr && !thread->is_of(job))
    thread = thread->next;
  if (thread != nullptr)
    thread->wake();
  else
    shared.push(job, promise());
}

/// How CAF's scheduler uses these threads: its only worker is the thread
/// dedicated to the shared actors.
struct threads_policy {
  using coordinator_data = all_jobs;

  struct worker_data {
    explicit worker_data(caf::scheduler::abstract_coordinator*) {}
  };

  template <class Coordinator>
  void central_enqueue(Coordinator* all, resumable* job) {
    all->data().enqueue(job);
  }

  template <class Worker>
  void external_enqueue(Worker* worker, resumable* job) {
    worker->parent()->data().enqueue(job);
  }

  template <class Worker>
  void internal_enqueue(Worker* worker, resumable* job) {
    worker->parent()->data().enqueue(job);
  }

  template <class Worker>
  void resume_job_later(Worker* worker, resumable* job) {
    worker->parent()->data().enqueue(job);
  }

  template <class Worker>
  resumable* dequeue(Worker* worker) {
    return worker->parent()->data().shared.next();
  }

  template <class Worker>
  void before_resume(Worker*, resumable*) {}

  template <class Worker>
  void after_resume(Worker*, resumable*) {}

  template <class Worker>
  void before_shutdown(Worker*) {}

  template <class Worker>
  void after_completion(Worker*, resumable*) {}

  template <class Worker, class F>
  void foreach_resumable(Worker*, F) {}

  template <class Coordinator, class F>
  void foreach_central_resumable(Coordinator* all, F use) {
    all->data().shared.take_all(use);
  }
};

class actor_threads final : public caf::scheduler::coordinator<threads_policy> {
public:
  using coordinator::coordinator;

  static caf::actor_system::module*
  make(caf::actor_system& system, caf::detail::type_list<>) {
    return new actor_threads{system};
  }

  /// A single worker serves all shared actors and handles one message of each
  /// in turn, so that none has to wait until another has no messages left.
  void init(caf::actor_system_config& config) override {
    coordinator::init(config);
    num_workers_ = 1;
    max_throughput_ = 1;
  }

  [[nodiscard]] caf::execution_unit* add() {
    threads_.push_back(std::make_unique<actor_thread>(system(), data()));
    return threads_.back().get();
  }

protected:
  /// Called after the last actor has ended. Stops CAF's worker last, because
  /// only the worker can run what CAF enqueues to stop it.
  void stop() override {
    for (auto& thread : threads_)
      thread->end();
    coordinator::stop();
  }

private:
  std::vector<std::unique_ptr<actor_thread>> threads_;
};

} // namespace

void use_actor_threads(caf::actor_system_config& config) {
  config.load<actor_threads>();
}

caf::execution_unit* new_actor_thread(caf::actor_system& system) {
  auto* threads = dynamic_cast<actor_threads*>(&system.scheduler());
  assert(threads != nullptr);
  return threads->add();
}

} // namespace sluice

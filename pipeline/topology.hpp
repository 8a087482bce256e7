// Turns settings into a running job: spawns the actors in data order, decides
// which have threads of their own, and passes handles downstream. The only
// place that knows every part.

#pragma once

#include "actors/sinks/sink.hpp"
#include "config/settings.hpp"
#include "core/api/api_client.hpp"
#include "core/api/capture_download.hpp"
#include "core/flow/bucket_store.hpp"
#include "core/flow/job_counters.hpp"
#include "core/ledger/job_store.hpp"
#include "core/model/run.hpp"
#include "pipeline/supervisor.hpp"

#include <caf/actor_system.hpp>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace sluice {

struct named_sink {
  std::string name;
  std::shared_ptr<sink> target;
};

/// The parts of a job, all ready to run.
struct job_parts {
  settings config;
  std::shared_ptr<job_store> store; ///< imported, interrupted batches held
  std::vector<named_sink> sinks;    ///< not opened yet
  std::shared_ptr<bucket_store> bucket;
  std::shared_ptr<job_counters> counters;
  /// Called when the sinks are open, before anything is sent or another thread
  /// uses the ledger. On error, the job does not start.
  std::function<caf::error()> on_open;
};

/// What a restart continues with.
struct resume_state {
  std::vector<open_run> runs;
  uint64_t active = 0;
  uint64_t unread = 0;
  uint64_t planned = 0;
  bool canary_passed = false;
  uint64_t last_delivery = 0;
};

/// A running job. One thread owns it.
class running_job {
public:
  /// Opens the sinks and starts. Errors: those of a sink that cannot be opened,
  /// and the ledger's.
  [[nodiscard]] static caf::expected<std::unique_ptr<running_job>>
  start(caf::actor_system& system, job_parts parts);

  ~running_job();

  /// True if the job has ended within `limit`.
  [[nodiscard]] bool wait(std::chrono::milliseconds limit);

  /// Asks for the ordered stop.
  void stop();

  /// Commits the account of the time so far, for readers of the ledger.
  void commit_account();

  /// Why the job ended; no error if everything was done. REQUIRES: `wait`
  /// returned true.
  [[nodiscard]] caf::error result();

private:
  /// What all stages share.
  struct services {
    rate_limiter_actor limiter;
    api_pool_actor pool;
    ledger_keeper_actor keeper;
    url_reader_actor reader;
    run_finder_actor finder; ///< null if the API lists no runs
    supervisor_actor supervisor;
  };

  running_job(caf::actor_system& system, job_parts parts);
  [[nodiscard]] caf::error open_sinks();
  [[nodiscard]] caf::error spawn_all();
  void spawn_workers();
  void spawn_readers();
  [[nodiscard]] services spawn_services(const resume_state& resumed);
  [[nodiscard]] run_poller_actor spawn_poller(const services& shared);
  [[nodiscard]] run_submitter_actor
  spawn_submitter(const services& shared, const run_poller_actor& poller,
                  const resume_state& resumed);
  [[nodiscard]] capture_pager_actor
  spawn_pager(const services& shared, const run_submitter_actor& submitter,
              const resume_state& resumed);
  void watch(const services& shared, supervised_parts watched);

  /// Remembers an actor for the destructor.
  template <class Handle>
  Handle keep(Handle handle) {
    all_.push_back(caf::actor_cast<caf::actor>(handle));
    return handle;
  }

  caf::actor_system& system_;
  job_parts parts_;
  std::future<caf::error> ended_;
  std::vector<std::shared_ptr<api_client>> clients_;
  std::vector<api_worker_actor> workers_;
  std::vector<std::shared_ptr<capture_download>> downloads_;
  std::vector<download_reader_actor> readers_; ///< none in pages mode
  std::vector<sink_actor> sinks_;
  std::vector<caf::actor> all_; ///< to be ended by the destructor
  job_supervisor_actor supervisor_;
  capture_pager_actor pager_;
};

/// How many requests may be in flight at once: as configured, or enough that
/// five-second replies leave no tokens unused, at least 4, at most 16.
[[nodiscard]] uint32_t connections_for(const api_settings& api);

} // namespace sluice

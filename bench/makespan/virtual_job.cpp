#include "bench/makespan/virtual_job.hpp"

#include "actors/api_pool.hpp"
#include "actors/capture_pager.hpp"
#include "actors/rate_limiter.hpp"
#include "actors/run_poller.hpp"
#include "actors/run_submitter.hpp"
#include "bench/makespan/fixed_poller.hpp"
#include "bench/makespan/virtual_api.hpp"
#include "core/base/log.hpp"
#include "tests/support/actor_doubles.hpp"
#include "tests/support/fake_ledger.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

namespace sluice::bench {

namespace {

using namespace std::chrono_literals;

constexpr uint32_t connections = 10; // the program's number at this rate

/// A job that takes longer is stuck.
constexpr auto patience = 24h;

class virtual_job {
public:
  virtual_job(const scenario& job, const simulator_options& api);
  ~virtual_job();
  virtual_job(const virtual_job&) = delete;
  virtual_job& operator=(const virtual_job&) = delete;

  [[nodiscard]] outcome run(poller_kind kind);

private:
  struct testing_config : caf::actor_system_config {
    testing_config() { set("scheduler.policy", caf::atom("testing")); }
  };

  template <class F, class... Ts>
  auto spawn(F f, Ts&&... xs) {
    auto handle = system_.spawn(f, std::forward<Ts>(xs)...);
    actors_.push_back(caf::actor_cast<caf::actor>(handle));
    return handle;
  }

  [[nodiscard]] time_point now() { return sched_.clock().now(); }
  [[nodiscard]] int64_t wall_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
             now().time_since_epoch())
      .count();
  }

  void plan_batches();
  void spawn_all(poller_kind kind);
  void spawn_services();
  [[nodiscard]] run_poller_config poller_config();
  [[nodiscard]] run_submitter_config submitter_config();
  [[nodiscard]] capture_pager_config pager_config();
  /// Runs everything that is due now, then advances to the next timer.
  void step();

  scenario job_;
  testing_config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& sched_;
  std::vector<caf::actor> actors_;
  time_point begin_;
  std::shared_ptr<virtual_api> api_;
  test::fake_ledger_ptr ledger_ = std::make_shared<test::fake_ledger>();
  test::fake_supervisor_ptr boss_ = std::make_shared<test::fake_supervisor>();
  std::shared_ptr<job_counters> counters_ = std::make_shared<job_counters>();
  rate_limiter_actor limiter_;
  api_pool_actor pool_;
  ledger_keeper_actor keeper_;
  supervisor_actor supervisor_;
  run_poller_actor poller_;
  run_submitter_actor submitter_;
};

virtual_job::virtual_job(const scenario& job, const simulator_options& api)
    : job_{job},
      system_{config_},
      sched_{
        dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())} {
  configure_log(log_level::off, false);
  sched_.clock().current_time += 1h;
  system_.await_actors_before_shutdown(false);
  begin_ = now();
  api_ = std::make_shared<virtual_api>(api, begin_);
}

virtual_job::~virtual_job() {
  for (auto& actor : actors_)
    caf::anon_send_exit(actor, caf::exit_reason::kill);
  while (sched_.try_run_once())
    ;
}

void virtual_job::plan_batches() {
  for (uint32_t run = 1; run <= job_.runs; ++run) {
    std::vector<std::string> urls;
    for (uint32_t i = 0; i < urls_per_run; ++i)
      urls.push_back(std::to_string(run) + '/' + std::to_string(i));
    ledger_->plan(run, urls);
  }
}

void virtual_job::spawn_services() {
  keeper_ = spawn(test::fake_keeper, ledger_);
  supervisor_ = spawn(test::supervisor_double, boss_);
  bucket_limits limits{job_.per_minute / 60.0, burst, 15s, 10min};
  bucket_state full;
  full.level = burst;
  full.at = now();
  limiter_ =
    spawn(rate_limiter, rate_limiter_config{limits,
                                            std::shared_ptr<bucket_store>{
                                              make_memory_bucket_store(full)},
                                            counters_});
  std::vector<api_worker_actor> workers;
  for (uint32_t i = 0; i < connections; ++i)
    workers.push_back(spawn(virtual_worker, api_));
  pool_ = spawn(api_pool, api_pool_config{workers, limiter_, counters_});
}

run_poller_config virtual_job::poller_config() {
  run_poller_config config;
  config.limiter = limiter_;
  config.pool = pool_;
  config.ledger = keeper_;
  config.supervisor = supervisor_;
  config.max_concurrent = job_.slots;
  config.max_age = 24h;
  config.max_pending = 72h;
  config.counters = counters_;
  config.wall_ms = [this] { return wall_ms(); };
  return config;
}

run_submitter_config virtual_job::submitter_config() {
  run_submitter_config config;
  config.reader = spawn(test::fake_reader, keeper_);
  config.limiter = limiter_;
  config.pool = pool_;
  config.ledger = keeper_;
  config.poller = poller_;
  config.supervisor = supervisor_;
  config.runs.max_concurrent = job_.slots;
  config.runs.queue_ahead = job_.queue_ahead;
  config.counters = counters_;
  config.wall_ms = [this] { return wall_ms(); };
  return config;
}

capture_pager_config virtual_job::pager_config() {
  capture_pager_config config;
  config.limiter = limiter_;
  config.pool = pool_;
  config.ledger = keeper_;
  config.submitter = submitter_;
  config.supervisor = supervisor_;
  config.sinks = {
    spawn(test::sink_double, std::make_shared<test::fake_sink>())};
  config.counters = counters_;
  config.wall_ms = [this] { return wall_ms(); };
  return config;
}

void virtual_job::spawn_all(poller_kind kind) {
  spawn_services();
  poller_ = kind == poller_kind::real ? spawn(run_poller, poller_config())
                                      : spawn(fixed_poller, poller_config());
  submitter_ = spawn(run_submitter, submitter_config());
  auto pager = spawn(capture_pager, pager_config());
  caf::anon_send(poller_, run_poller_links{submitter_, pager});
}

void virtual_job::step() {
  while (sched_.try_run_once())
    ;
  auto& timers = sched_.clock().schedule();
  if (timers.empty() || boss_->finished > 0)
    return;
  auto wait = timers.begin()->first - now();
  sched_.advance_time(std::max(caf::timespan{wait}, caf::timespan{0}));
}

outcome virtual_job::run(poller_kind kind) {
  plan_batches();
  spawn_all(kind);
  while (boss_->finished == 0 && boss_->failures.empty()
         && now() < begin_ + patience)
    step();
  outcome result;
  result.seconds = std::chrono::duration<double>(now() - begin_).count();
  result.polls = counters_->polls;
  result.requests = api_->requests();
  result.refused = api_->refused();
  result.finished = boss_->finished > 0;
  return result;
}

} // namespace

outcome run_virtual(const scenario& job, const simulator_options& api,
                    poller_kind poller) {
  return virtual_job{job, api}.run(poller);
}

} // namespace sluice::bench

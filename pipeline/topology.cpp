#include "pipeline/topology.hpp"

#include "actors/api_pool.hpp"
#include "actors/api_worker.hpp"
#include "actors/capture_pager.hpp"
#include "actors/decision_watch.hpp"
#include "actors/download_reader.hpp"
#include "actors/ledger_keeper.hpp"
#include "actors/rate_limiter.hpp"
#include "actors/run_finder.hpp"
#include "actors/run_poller.hpp"
#include "actors/run_submitter.hpp"
#include "actors/sink_actor.hpp"
#include "actors/url_reader.hpp"
#include "core/api/submit_request.hpp"
#include "pipeline/actor_threads.hpp"
#include "pipeline/api_access.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <random>

namespace sluice {

namespace {

int64_t wall_clock_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
           std::chrono::system_clock::now().time_since_epoch())
    .count();
}

uint64_t random_seed() {
  std::random_device device;
  return (static_cast<uint64_t>(device()) << 32) | device();
}

/// How many downloads are read at once. Their parts wait for room in the
/// window, so with more readers each would only wait longer.
constexpr size_t readers = 4;

/// A lease outlasts the submit it is for by this much.
constexpr auto lease_margin = std::chrono::minutes{1};

/// As the pager expects it: 0 means as many as the run has URLs.
std::optional<uint64_t> budget_of(const run_settings& runs) {
  using rule = run_settings::budget_rule;
  if (runs.budget == rule::none)
    return std::nullopt;
  return runs.budget == rule::number ? runs.budget_number : 0;
}

/// Unique among the processes that may share a ledger, now and later.
std::string worker_name() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0)
    host[0] = '\0';
  return std::string{host.data()} + ":" + std::to_string(::getpid()) + ":"
         + std::to_string(random_seed());
}

caf::expected<resume_state> read_resume_state(run_store& store) {
  auto runs = store.open_runs();
  if (!runs)
    return runs.error();
  auto canary_passed = store.has_runs();
  if (!canary_passed)
    return canary_passed.error();
  auto planned = store.planned_left();
  if (!planned)
    return planned.error();
  auto delivery = store.last_delivery();
  if (!delivery)
    return delivery.error();
  resume_state state;
  state.runs = std::move(*runs);
  state.planned = *planned;
  state.canary_passed = *canary_passed;
  state.last_delivery = *delivery;
  for (auto& run : state.runs)
    ++(run.end ? state.unread : state.active);
  return state;
}

/// A repeat may take as long as any request, so none is sent when the API would
/// forget its key within that time.
std::optional<idempotent_submits> idempotency_of(const api_settings& api) {
  auto& keys = api.profile->submit.idempotency;
  if (!keys)
    return std::nullopt;
  return idempotent_submits{submit_repeat{keys->valid_for, api.timeout},
                            [profile = api.profile, key = api.key](
                              const submit_order& order, int64_t now_ms) {
                              return new_ticket(*profile, order, key, now_ms);
                            }};
}

} // namespace

uint32_t connections_for(const api_settings& api) {
  constexpr uint32_t least = 4, most = 16;
  if (api.connections > 0)
    return std::min(api.connections, most);
  if (api.requests_per_minute == 0)
    return least;
  return std::clamp(api.requests_per_minute * 5 / 60, least, most);
}

running_job::running_job(caf::actor_system& system, job_parts parts)
    : system_{system}, parts_{std::move(parts)} {}

running_job::~running_job() {
  for (auto& client : clients_)
    client->stop();
  for (auto& download : downloads_)
    download->stop();
  for (auto& actor : all_)
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

caf::expected<std::unique_ptr<running_job>>
running_job::start(caf::actor_system& system, job_parts parts) {
  std::unique_ptr<running_job> job{new running_job{system, std::move(parts)}};
  if (auto err = job->open_sinks())
    return err;
  if (auto err = job->parts_.on_open())
    return err;
  if (auto err = job->spawn_all())
    return err;
  return job;
}

caf::error running_job::open_sinks() {
  caf::scoped_actor self{system_};
  for (auto& entry : parts_.sinks) {
    auto committed = parts_.store->position_of(entry.name);
    if (!committed)
      return committed.error();
    auto shell = spawn_blocking(
      system_, sink_shell,
      sink_actor_config{entry.name, entry.target, *committed,
                        parts_.config.times, random_seed(), parts_.counters});
    sinks_.push_back(keep(shell));
    caf::error failed;
    self->request(shell, caf::infinite, atoms::start_atom::value)
      .receive([](atoms::ok_atom) {},
               [&](caf::error& reason) { failed = std::move(reason); });
    if (failed)
      return failed;
  }
  return {};
}

void running_job::spawn_workers() {
  auto& api = parts_.config.api;
  auto options = api_options_of(api);
  for (uint32_t i = 0; i < connections_for(api); ++i) {
    clients_.push_back(std::make_shared<api_client>(options));
    workers_.push_back(
      keep(spawn_blocking(system_, api_worker, clients_.back())));
  }
}

void running_job::spawn_readers() {
  auto& config = parts_.config;
  if (!config.captures.download)
    return;
  download_options options;
  options.profile = config.api.profile;
  options.transport = transport_options_of(config.api);
  options.directory = config.ledger.parent_path();
  options.max_line = config.api.max_body;
  for (size_t i = 0; i < readers; ++i) {
    downloads_.push_back(std::make_shared<capture_download>(options));
    readers_.push_back(
      keep(spawn_blocking(system_, download_reader, downloads_.back())));
  }
}

running_job::services running_job::spawn_services(const resume_state& resumed) {
  services shared;
  shared.supervisor = supervisor_;
  // On its own thread because of its file lock, which another process may hold
  // briefly. Without a limit there is no file.
  auto& config = parts_.config;
  auto is_limited = config.api.requests_per_minute > 0;
  rate_limiter_config limit{bucket_limits_of(config.api), parts_.bucket,
                            parts_.counters};
  if (is_limited)
    limit.job = own_job_of(config);
  shared.limiter =
    keep(is_limited ? spawn_blocking(system_, rate_limiter, limit)
                    : system_.spawn(rate_limiter, limit));
  shared.pool = keep(system_.spawn(
    api_pool,
    api_pool_config{workers_, shared.limiter, parts_.counters, supervisor_,
                    parts_.config.times, resumed.canary_passed}));
  shared.keeper = keep(spawn_blocking(
    system_, ledger_keeper,
    ledger_keeper_config{parts_.store, parts_.config.ledger, wall_clock_ms,
                         worker_name(),
                         parts_.config.api.timeout + lease_margin}));
  shared.reader = keep(system_.spawn(url_reader, shared.keeper));
  if (parts_.config.api.profile->find)
    shared.finder = keep(
      system_.spawn(run_finder, run_finder_config{shared.limiter, shared.pool,
                                                  shared.keeper}));
  return shared;
}

run_poller_actor running_job::spawn_poller(const services& shared) {
  auto& config = parts_.config;
  run_poller_config poll;
  poll.limiter = shared.limiter;
  poll.pool = shared.pool;
  poll.ledger = shared.keeper;
  poll.supervisor = shared.supervisor;
  poll.poll = config.poll;
  poll.times = config.times;
  poll.max_concurrent = config.runs.max_concurrent;
  poll.max_age = config.runs.max_age;
  poll.max_pending = config.runs.max_pending;
  poll.counters = parts_.counters;
  poll.wall_ms = wall_clock_ms;
  poll.seed = random_seed();
  return keep(system_.spawn(run_poller, poll));
}

run_submitter_actor running_job::spawn_submitter(const services& shared,
                                                 const run_poller_actor& poller,
                                                 const resume_state& resumed) {
  auto& config = parts_.config;
  run_submitter_config submit;
  submit.reader = shared.reader;
  submit.limiter = shared.limiter;
  submit.pool = shared.pool;
  submit.ledger = shared.keeper;
  submit.poller = poller;
  submit.supervisor = shared.supervisor;
  submit.finder = shared.finder;
  submit.idempotent = idempotency_of(config.api);
  submit.runs = config.runs;
  submit.times = config.times;
  submit.counters = parts_.counters;
  submit.active = resumed.active;
  submit.unread = resumed.unread;
  submit.planned = resumed.planned;
  submit.held = parts_.counters->held_batches;
  submit.canary_passed = resumed.canary_passed;
  submit.wall_ms = wall_clock_ms;
  submit.seed = random_seed();
  return keep(system_.spawn(run_submitter, submit));
}

capture_pager_actor
running_job::spawn_pager(const services& shared,
                         const run_submitter_actor& submitter,
                         const resume_state& resumed) {
  auto& config = parts_.config;
  capture_pager_config page;
  page.limiter = shared.limiter;
  page.pool = shared.pool;
  page.ledger = shared.keeper;
  page.submitter = submitter;
  page.supervisor = shared.supervisor;
  page.sinks = sinks_;
  page.readers = readers_;
  page.can_page =
    config.api.profile->results.page.by != pagination::kind::unknown;
  page.budget = budget_of(config.runs);
  page.counters = parts_.counters;
  page.times = config.times;
  page.window = config.captures.window;
  page.last_delivery = resumed.last_delivery;
  page.wall_ms = wall_clock_ms;
  page.seed = random_seed();
  return keep(system_.spawn(capture_pager, page));
}

void running_job::watch(const services& shared, supervised_parts watched) {
  for (auto& other : {shared.reader.address(), shared.limiter.address(),
                      shared.pool.address(), shared.keeper.address()})
    watched.others.push_back(other);
  if (shared.finder)
    watched.others.push_back(shared.finder.address());
  for (auto& worker : workers_)
    watched.others.push_back(worker.address());
  for (auto& reader : readers_)
    watched.others.push_back(reader.address());
  caf::anon_send(supervisor_, std::move(watched));
}

caf::error running_job::spawn_all() {
  auto resumed = read_resume_state(*parts_.store);
  if (!resumed)
    return resumed.error();
  auto ended = std::make_shared<std::promise<caf::error>>();
  ended_ = ended->get_future();
  supervisor_ = keep(system_.spawn(supervise, ended));
  spawn_workers();
  spawn_readers();
  auto shared = spawn_services(*resumed);
  auto poller = spawn_poller(shared);
  auto submitter = spawn_submitter(shared, poller, *resumed);
  pager_ = spawn_pager(shared, submitter, *resumed);
  caf::anon_send(poller, run_poller_links{submitter, pager_});
  auto watcher = keep(system_.spawn(
    decision_watch, decision_watch_config{shared.keeper, submitter, supervisor_,
                                          parts_.config.times.look_every}));
  watch(shared, {submitter, poller, pager_, sinks_, {watcher.address()}});
  for (auto& run : resumed->runs) {
    if (run.end)
      caf::anon_send(pager_,
                     terminal_run{run.batch, run.run, *run.end, run.url_count});
    else
      caf::anon_send(poller, active_run{run.batch, run.run, run.url_count,
                                        run.submitted_at_ms, true});
  }
  return {};
}

bool running_job::wait(std::chrono::milliseconds limit) {
  return ended_.wait_for(limit) == std::future_status::ready;
}

void running_job::stop() {
  caf::anon_send(supervisor_, atoms::drain_atom::value);
}

void running_job::commit_account() {
  caf::anon_send(pager_, atoms::account_atom::value);
}

caf::error running_job::result() {
  return ended_.get();
}

} // namespace sluice

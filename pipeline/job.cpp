#include "pipeline/job.hpp"

#include "actors/sinks/registry.hpp"
#include "core/base/log.hpp"
#include "core/base/units.hpp"
#include "pipeline/actor_threads.hpp"
#include "pipeline/api_access.hpp"
#include "pipeline/continuing.hpp"
#include "pipeline/interrupts.hpp"
#include "pipeline/job_ledger.hpp"
#include "pipeline/job_observer.hpp"
#include "pipeline/notify.hpp"
#include "pipeline/report/job_limits.hpp"
#include "pipeline/report/job_report.hpp"
#include "pipeline/report/progress.hpp"
#include "pipeline/report/rounds_text.hpp"
#include "pipeline/supervisor.hpp"
#include "pipeline/topology.hpp"

#include <caf/actor_system_config.hpp>

#include <malloc.h>

#include <algorithm>
#include <iostream>
#include <optional>
#include <utility>

namespace sluice {

namespace {

using namespace std::chrono_literals;

constexpr size_t listed_in_account = 5;

std::shared_ptr<bucket_store> private_bucket(const api_settings& api) {
  bucket_state full;
  full.level = api.burst;
  full.at = std::chrono::steady_clock::now();
  return make_memory_bucket_store(full);
}

/// The steps of one run, in order. Each returns why the run cannot continue.
class job_run {
public:
  job_run(settings config, const run_options& options,
          std::unique_ptr<job_observer> observer)
      : config_{std::move(config)},
        options_{options},
        ledger_{config_, options_},
        observer_{std::move(observer)} {}

  [[nodiscard]] caf::error prepare();
  [[nodiscard]] caf::error import_lists();
  void forget_failed_import() { ledger_.forget_failed_import(); }
  [[nodiscard]] caf::error make_sinks();
  [[nodiscard]] caf::error carry_out();
  [[nodiscard]] caf::expected<int> conclude(const caf::error& reason);
  /// Whether only the account is left to print.
  [[nodiscard]] caf::expected<bool> is_over();
  [[nodiscard]] std::string over_text() const;
  /// Why the job ended, and how to continue it if nothing has to be fixed
  /// first.
  [[nodiscard]] std::string failure_text(const caf::error& reason) const;
  /// Runs the program under `notify` in the config.
  void notify(int exit_code, const caf::error& reason);
  /// Prints the failure; returns the exit code.
  [[nodiscard]] int report_failure(const caf::error& reason) const;

private:
  void show(job_phase phase, std::string detail = {});
  [[nodiscard]] caf::error check_sinks();
  [[nodiscard]] caf::error begin(std::optional<progress_meter>& meter);
  void watch(running_job& job, progress_meter meter);
  [[nodiscard]] caf::expected<progress_meter>
  meter_from(const account& before) const;
  [[nodiscard]] uint64_t unrecorded(const account& numbers) const;

  settings config_;
  run_options options_;
  job_ledger ledger_;
  std::vector<named_sink> sinks_;
  std::shared_ptr<job_counters> counters_ = std::make_shared<job_counters>();
  uint64_t captures_before_ = 0; ///< delivered by earlier starts
  bool has_begun_ = false;       ///< nothing was refused
  time_point started_ = std::chrono::steady_clock::now();
  /// May be null. The last member, so that it ends while the ledger is open.
  std::unique_ptr<job_observer> observer_;
};

void job_run::show(job_phase phase, std::string detail) {
  if (observer_)
    observer_->enter(phase, std::move(detail));
}

caf::error job_run::check_sinks() {
  if (options_.simulate)
    return {};
  for (auto& wanted : config_.sinks)
    if (auto* type = find_sink_type(wanted.type); type && type->check)
      if (auto err = type->check({{}, wanted.name}, wanted.fields))
        return err;
  return {};
}

caf::error job_run::prepare() {
  if (auto err = check_sinks())
    return err;
  if (auto err = ledger_.check_place())
    return err;
  if (observer_)
    if (auto err = observer_->begin(config_, counters_))
      return err;
  return ledger_.open();
}

caf::expected<bool> job_run::is_over() {
  auto finished = ledger_.is_finished();
  if (!finished)
    return finished.error();
  if (!*finished || ledger_.may_find_runs())
    return false;
  if (has_begun_)
    return true; // the next retry takes what this one left
  auto again = ledger_.has_to_retry();
  if (!again)
    return again.error();
  return !*again;
}

std::string job_run::over_text() const {
  return retry_text({}, options_.retry, {}, config_)
         + "This job is finished; --again starts it over.\n";
}

caf::error job_run::import_lists() {
  auto done = ledger_.store().is_imported();
  if (!done)
    return done.error();
  if (*done)
    return announce_continued(ledger_.store());
  if (auto err = ledger_.store().begin_import())
    return err;
  std::optional<live_line> line;
  if (options_.output.live)
    line.emplace(options_.output.coloured);
  import_job job;
  job.input = config_.input;
  job.robots = config_.runs.robots;
  job.urls_per_run = config_.runs.urls_per_run;
  job.temp_dir = config_.ledger.parent_path();
  job.progress = [&](const import_counts& counts, double share) {
    auto text = human_count(counts.records) + " records";
    if (share >= 0)
      text += " (" + std::to_string(static_cast<int>(share * 100)) + "%)";
    if (line)
      line->show("importing: " + text);
    show(job_phase::importing, text);
    return !interrupted();
  };
  auto counts = run_import(job, ledger_.store());
  if (!counts)
    return counts.error();
  log_event(log_level::info, "imported", "the URL lists are in the ledger",
            {{"records", counts->records},
             {"urls", counts->urls},
             {"invalid", counts->invalid},
             {"duplicates", counts->duplicates},
             {"batches", counts->batches}});
  auto err = ledger_.store().finish_import(*counts);
  // Returns the import's memory to the system: the run would not reuse it.
  ::malloc_trim(0);
  return err ? err : ledger_.take_place();
}

caf::error job_run::make_sinks() {
  auto job_id = ledger_.store().job_id();
  if (!job_id)
    return job_id.error();
  for (auto& wanted : config_.sinks) {
    auto* type = find_sink_type(wanted.type);
    if (type == nullptr)
      return make_error(ec::internal, "no sink of type " + wanted.type);
    auto& make = options_.simulate ? type->rehearse : type->make;
    std::shared_ptr<sink> made =
      make(sink_context{*job_id, wanted.name}, wanted.fields);
    if (observer_)
      made = observer_->watch(wanted.name, std::move(made));
    sinks_.push_back({wanted.name, std::move(made)});
  }
  return {};
}

caf::expected<progress_meter> job_run::meter_from(const account& before) const {
  auto total = before.total() - before.invalid - before.duplicate;
  progress_meter meter{std::chrono::steady_clock::now(), total,
                       total - before.pending - before.held - before.set_aside,
                       config_.api.requests_per_minute};
  if (!options_.limit)
    return meter;
  // Open runs are finished regardless of the limit.
  auto sums = ledger_.store().spent();
  if (!sums)
    return sums.error();
  auto waiting = before.pending - std::min(before.pending, sums->open.urls);
  meter.leave_out(waiting - std::min(waiting, *options_.limit));
  return meter;
}

void job_run::watch(running_job& job, progress_meter meter) {
  constexpr auto log_every = 30s;
  constexpr auto account_every = 2s;
  std::optional<live_line> line;
  if (options_.output.live)
    line.emplace(options_.output.coloured);
  auto stopping = false;
  auto next_look = started_;
  auto next_log = started_ + log_every;
  auto next_account = started_ + account_every;
  while (!job.wait(50ms)) {
    auto now = std::chrono::steady_clock::now();
    if (interrupted() && !stopping) {
      stopping = true;
      show(job_phase::stopping);
      log_event(log_level::info, "stopping",
                "waiting for outstanding replies; a second Ctrl-C or SIGTERM "
                "ends the program at once");
      job.stop();
    }
    if (now < next_look)
      continue;
    next_look = now + 1s;
    if (now >= next_account) {
      next_account = now + account_every;
      job.commit_account();
    }
    auto facts = meter.measure(now, *counters_);
    if (observer_)
      observer_->note(facts);
    auto text = progress_line(facts);
    if (line) {
      line->show(text);
    } else if (now >= next_log && options_.output.progress) {
      next_log = now + log_every;
      log_event(log_level::info, "progress", text);
    }
  }
}

/// The last step before the actors start.
caf::error job_run::begin(std::optional<progress_meter>& meter) {
  if (auto err = ledger_.begin_retry())
    return err;
  ledger_.store().limit_submits({options_.limit, credit_budget_of(config_)});
  auto numbers = ledger_.store().report();
  if (!numbers)
    return numbers.error();
  counters_->held_batches = numbers->held_batches;
  counters_->urls_bought = numbers->bought;
  captures_before_ = numbers->captures;
  auto made = meter_from(*numbers);
  if (!made)
    return made.error();
  meter = *made;
  has_begun_ = true;
  return {};
}

caf::error job_run::carry_out() {
  auto interrupted_submits = ledger_.store().hold_interrupted(
    config_.api.profile->submit.idempotency.has_value());
  if (!interrupted_submits)
    return interrupted_submits.error();
  if (*interrupted_submits > 0)
    log_event(log_level::warn, "batches_held",
              "the last process ended between submits and their replies; these "
              "batches are held because their runs may exist",
              {{"batches", *interrupted_submits}});
  if (auto left = ledger_.store().left_to_repeat(); left > 0)
    log_event(
      log_level::warn, "submits_to_repeat",
      "the last process ended before the outcome of these submits was known; "
      "they are repeated with their idempotency keys",
      {{"batches", left}});
  // No other process uses a rehearsal's API.
  auto bucket = options_.simulate
                  ? caf::expected<std::shared_ptr<bucket_store>>{private_bucket(
                    config_.api)}
                  : open_bucket(config_.api);
  if (!bucket)
    return bucket.error();
  if (observer_)
    *bucket = observer_->watch(std::move(*bucket));

  if (interrupted())
    return make_error(ec::interrupted, "interrupted");
  caf::actor_system_config system_config;
  use_actor_threads(system_config);
  caf::actor_system system{system_config};
  std::optional<progress_meter> meter;
  auto job = running_job::start(system, {config_, ledger_.shared(), sinks_,
                                         std::move(*bucket), counters_,
                                         [&] { return begin(meter); }});
  if (!job)
    return job.error();
  show(job_phase::running);
  watch(**job, *meter);
  return (*job)->result();
}

/// Captures that the sinks were given but the ledger has not recorded.
uint64_t job_run::unrecorded(const account& numbers) const {
  uint64_t given = captures_before_ + counters_->captures;
  return given > numbers.captures ? given - numbers.captures : 0;
}

caf::expected<int> job_run::conclude(const caf::error& reason) {
  show(job_phase::ended, reason ? failure_text(reason) : "");
  auto report = read_job_report(ledger_.store(), config_, listed_in_account);
  if (!report)
    return report.error();
  if (options_.simulate)
    report->context.ledger_file = "none (a rehearsal keeps none)";
  report->context.unrecorded = unrecorded(report->numbers);
  if (code_of(reason) != ec::interrupted)
    report->context.ended_by = reason;
  std::cerr << account_text(report->numbers, report->context);
  return exit_code_for(report->numbers, reason);
}

void job_run::notify(int exit_code, const caf::error& reason) {
  if (!config_.notify || options_.simulate)
    return;
  auto report = read_job_report(ledger_.store(), config_, listed_for_programs);
  if (!report)
    return notice_failed(report.error());
  report->context.unrecorded = unrecorded(report->numbers);
  notify_of_end(*config_.notify, *report,
                {exit_code, reason ? failure_text(reason) : ""});
}

std::string job_run::failure_text(const caf::error& reason) const {
  auto what = what_of(reason);
  switch (code_of(reason)) {
    case ec::stopped:
    case ec::interrupted:
    case ec::internal:
      return what
             + (options_.simulate
                  ? "; this was a rehearsal, and nothing is kept"
                // A plain `run` would continue the earlier job.
                : ledger_.is_successor()
                  ? "; the earlier job is unchanged, and the same command "
                    "begins the new one"
                  : "; run again to continue");
    default:
      return what;
  }
}

int job_run::report_failure(const caf::error& reason) const {
  std::cerr << "sluice: " << failure_text(reason) << '\n';
  return exit_code_of(reason);
}

} // namespace

int run_job(settings config, const run_options& options,
            std::unique_ptr<job_observer> observer) {
  job_run job{std::move(config), options, std::move(observer)};
  if (auto err = job.prepare())
    return job.report_failure(err);
  auto over = job.is_over();
  if (!over)
    return job.report_failure(over.error());
  caf::error reason;
  if (*over) {
    std::cerr << job.over_text();
  } else {
    if (auto err = job.import_lists()) {
      job.forget_failed_import();
      return job.report_failure(err);
    }
    reason = job.make_sinks();
    if (!reason)
      reason = job.carry_out();
    // Was anything left to do when the signal came?
    if (code_of(reason) == ec::interrupted)
      if (auto done = job.is_over(); done && *done)
        reason = {};
  }
  auto code = job.conclude(reason);
  if (reason)
    std::cerr << "sluice: " << job.failure_text(reason) << '\n';
  if (!code)
    return job.report_failure(code.error());
  if (!*over)
    job.notify(*code, reason);
  return *code;
}

} // namespace sluice

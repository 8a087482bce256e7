#include "pipeline/job_ledger.hpp"

#include "actors/sinks/registry.hpp"
#include "config/identity.hpp"
#include "core/base/job_command.hpp"
#include "core/base/log.hpp"
#include "core/base/state_folder.hpp"
#include "pipeline/continuing.hpp"
#include "pipeline/interrupts.hpp"
#include "pipeline/moved_folder.hpp"
#include "pipeline/report/account.hpp"
#include "pipeline/report/job_limits.hpp"
#include "pipeline/report/rounds_text.hpp"

#include <chrono>
#include <filesystem>
#include <iostream>
#include <utility>

namespace sluice {

namespace {

retry_rule retry_rule_of(const run_settings& runs) {
  using rule = run_settings::budget_rule;
  retry_rule result;
  result.times = runs.retry_missing;
  result.urls_per_run = runs.urls_per_run;
  result.budget_is_urls = runs.budget == rule::urls;
  if (runs.budget == rule::number)
    result.budget = runs.budget_number;
  return result;
}

caf::error nothing_to_retry() {
  return make_error(ec::usage, "the job has not begun: there is nothing to "
                               "submit again; `"
                                 + job_command("run") + "` begins it");
}

} // namespace

caf::error job_ledger::check_place() {
  if (!options_.simulate)
    if (auto err = successor_ledger::check_not_left(config_.ledger))
      return err;
  // Wait before the files are checked: the process that holds the ledger may
  // change them.
  if (options_.wait)
    if (auto err = wait_for_lock())
      return err;
  if (!options_.simulate)
    if (auto err = successor_ledger::complete(config_.ledger))
      return err;
  // Check the lock before the port: a process that runs the job holds both.
  if (!lock_)
    if (auto err = ledger_lock::check_free(config_.ledger))
      return err;
  std::error_code ignored;
  if (std::filesystem::exists(config_.ledger, ignored))
    return {};
  return options_.retry.any() ? nothing_to_retry() : check_first_start();
}

caf::error job_ledger::open() {
  if (auto err = open_store())
    return err;
  if (auto err = check_not_left())
    return err;
  if (auto err = begin())
    return err;
  if (auto err = bind_job(*store_, config_))
    return err;
  return store_->retry_missing_by(retry_rule_of(config_.runs));
}

/// The process may have been killed between setting the mark and renaming.
caf::error job_ledger::check_not_left() {
  auto next = store_->left_for();
  if (!next)
    return next.error();
  if (next->empty())
    return {};
  auto left = successor_ledger::is_left(*store_, config_.ledger);
  if (!left)
    return left.error();
  return *left ? successor_ledger::left_error(config_.ledger)
               : store_->leave_for({});
}

/// Prints the retry once it is durable, before any request is sent.
caf::error job_ledger::begin_retry() {
  auto before = store_->report();
  if (!before)
    return before.error();
  begun_round begun;
  if (options_.retry.any()) {
    // A retry cannot be undone, and without credits it would have no effect.
    auto used_up = credits_used_up(*store_, config_);
    if (!used_up)
      return used_up.error();
    if (!used_up->empty())
      return make_error(ec::limited, *used_up + "; nothing is submitted again");
    auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
    auto taken = store_->begin_round(options_.retry, now.count());
    if (!taken)
      return taken.error();
    begun = *taken;
  }
  std::cerr << retry_text(before->rounds, options_.retry, begun, config_,
                          options_.limit);
  return {};
}

caf::expected<bool> job_ledger::has_to_retry() const {
  auto numbers = store_->report();
  if (!numbers)
    return numbers.error();
  auto& wanted = options_.retry;
  return (wanted.missing && numbers->missing > 0)
         || (wanted.failed && numbers->failed > 0)
         || (wanted.rejected && numbers->rejected > 0);
}

caf::error job_ledger::wait_for_lock() {
  std::string told;
  auto lock = ledger_lock::take_when_free(
    config_.ledger, [&](const std::string& process) {
      if (process != told && !process.empty()) {
        told = process;
        std::cerr
          << "Waiting for process " << process
          << ", which runs this job; Ctrl-C or SIGTERM stops waiting.\n";
      }
      return !interrupted();
    });
  if (!lock)
    return lock.error();
  lock_ = std::move(*lock);
  return {};
}

caf::error job_ledger::open_store() {
  auto notes = options_.simulate ? std::filesystem::path{} : state_folder();
  auto lock = std::exchange(lock_, std::nullopt);
  auto opened = lock ? open_ledger(config_.ledger, notes, std::move(*lock))
                     : open_ledger(config_.ledger, notes);
  if (!opened)
    return opened.error();
  store_ = std::move(*opened);
  return {};
}

caf::error job_ledger::check_first_start() const {
  return options_.simulate ? caf::error{} : sluice::check_first_start(config_);
}

caf::error job_ledger::begin() {
  auto imported = store_->is_imported();
  if (!imported)
    return imported.error();
  if (!*imported)
    return options_.retry.any() ? nothing_to_retry() : check_first_start();
  auto numbers = store_->report();
  if (!numbers)
    return numbers.error();
  auto finished = sluice::is_finished(*numbers);
  auto leave = finished ? options_.again : options_.discard_unfinished;
  if (!leave) {
    auto go_on =
      options_.retry.any() || (finished ? may_find_runs() : options_.again);
    auto rule = list_rule_of(*numbers, go_on);
    // Check the files before anything is changed. The job's folder may have
    // been copied, and the copy that is changed first becomes the job.
    if (!finished || rule == list_rule::as_bought)
      if (auto err = check_files())
        return err;
    return check_lists(*store_, config_, rule);
  }
  if (auto err = check_first_start())
    return err;
  if (!finished)
    if (auto err = cut_sinks_back(*store_, config_))
      return err;
  return begin_successor();
}

caf::error job_ledger::check_files() const {
  if (auto err = store_->check_bound(identity_of(config_, sink_specs())))
    return err;
  return options_.simulate ? caf::error{} : check_sinks_kept(*store_, config_);
}

caf::error job_ledger::begin_successor() {
  auto made = successor_ledger::make(config_.ledger);
  if (!made)
    return made.error();
  successor_ = std::move(*made);
  left_ = std::exchange(store_, successor_->store());
  return {};
}

/// `resolve` may have changed held batches while the lists were being read.
caf::error job_ledger::check_still_finished() const {
  if (options_.discard_unfinished)
    return {};
  auto numbers = left_->report();
  if (!numbers)
    return numbers.error();
  if (sluice::is_finished(*numbers))
    return {};
  return make_error(ec::usage,
                    "the job is no longer finished, because held batches were "
                    "resolved in the meantime; run again to continue it");
}

caf::error job_ledger::take_place() {
  if (!successor_)
    return {};
  if (auto err = check_still_finished())
    return err;
  auto left = leaving_text(*left_, config_);
  if (!left)
    return left.error();
  auto placed = successor_->put_in_place(*left_);
  if (!placed)
    return placed.error();
  auto& aside = placed->aside;
  lock_ = std::move(placed->lock);
  std::cerr << *left;
  store_.reset();
  left_.reset();
  successor_.reset();
  log_event(
    log_level::info, "ledger_set_aside",
    "the earlier job's ledger was renamed, and the job starts over; `"
      + job_command("status", "--set ledger=" + shell_word(aside.native()))
      + "` shows the earlier one",
    {{"file", aside.string()}});
  if (auto err = open_store())
    return err;
  return store_->retry_missing_by(retry_rule_of(config_.runs));
}

void job_ledger::forget_failed_import() {
  if (successor_ || !store_)
    return; // `successor_` removes its own ledger, or no ledger is open
  auto imported = store_->is_imported();
  if (!imported || *imported)
    return;
  if (auto err = store_->discard())
    log_event(log_level::warn, "ledger_left",
              "the ledger of a failed import could not be removed",
              {{"reason", what_of(err)}});
}

caf::expected<bool> job_ledger::is_finished() const {
  auto imported = store_->is_imported();
  if (!imported)
    return imported.error();
  if (!*imported)
    return false;
  auto numbers = store_->report();
  if (!numbers)
    return numbers.error();
  return sluice::is_finished(*numbers);
}

bool job_ledger::may_find_runs() const {
  return sluice::may_find_runs(*store_, config_);
}

} // namespace sluice

// What follows a job while it runs: the job tells it each step, and lets it
// see what passes through the token bucket and the sinks. The job never asks
// it anything.

#pragma once

#include "actors/sinks/sink.hpp"
#include "config/settings.hpp"
#include "core/flow/bucket_store.hpp"
#include "core/flow/job_counters.hpp"
#include "pipeline/report/progress.hpp"

#include <memory>
#include <string>

namespace sluice {

enum class job_phase { starting, importing, running, stopping, ended };

/// One thread calls it: the one that runs the job.
class job_observer {
public:
  virtual ~job_observer() = default;

  /// Called once, before the ledger is opened and before any other function.
  /// What it returns ends the start.
  [[nodiscard]] virtual caf::error
  begin(const settings& config,
        std::shared_ptr<const job_counters> counters) = 0;

  /// `detail` says how far the import is, or why the job ended.
  virtual void enter(job_phase phase, std::string detail) = 0;

  /// Called each second while the job runs.
  virtual void note(const progress_facts& facts) = 0;

  /// What the job uses in place of `store`. Called once.
  [[nodiscard]] virtual std::shared_ptr<bucket_store>
  watch(std::shared_ptr<bucket_store> store) = 0;

  /// What the job uses in place of `target`. Called once for each sink.
  [[nodiscard]] virtual std::shared_ptr<sink>
  watch(const std::string& name, std::shared_ptr<sink> target) = 0;
};

} // namespace sluice

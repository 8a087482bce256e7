// Watches a job while it runs. The job reports each step, and the observer may
// wrap the token bucket's store and the sinks to see what they do. Once the job
// has begun, the observer does not influence its decisions.

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

/// All functions are called on the thread that runs the job.
class job_observer {
public:
  virtual ~job_observer() = default;

  /// Called once, before the ledger is opened and before any other function.
  /// If it returns an error, the job does not start.
  [[nodiscard]] virtual caf::error
  begin(const settings& config,
        std::shared_ptr<const job_counters> counters) = 0;

  /// `detail` says how far along the import is, or why the job ended.
  virtual void enter(job_phase phase, std::string detail) = 0;

  /// Called each second while the job runs.
  virtual void note(const progress_facts& facts) = 0;

  /// Returns the store that the job uses instead of `store`. Called once.
  [[nodiscard]] virtual std::shared_ptr<bucket_store>
  watch(std::shared_ptr<bucket_store> store) = 0;

  /// Returns the sink that the job uses instead of `target`. Called once for
  /// each sink.
  [[nodiscard]] virtual std::shared_ptr<sink>
  watch(const std::string& name, std::shared_ptr<sink> target) = 0;
};

} // namespace sluice

// Serves the status page of the job that runs in this process. The server stops
// when this object is destroyed.

#pragma once

#include "pipeline/job_observer.hpp"
#include "pipeline/serve/live_job.hpp"
#include "pipeline/serve/status_server.hpp"

namespace sluice {

class served_job final : public job_observer {
public:
  /// REQUIRES: `config.serve` is set. Errors: those of `status_server::start`.
  [[nodiscard]] caf::error
  begin(const settings& config,
        std::shared_ptr<const job_counters> counters) override;

  void enter(job_phase phase, std::string detail) override;
  void note(const progress_facts& facts) override;
  [[nodiscard]] std::shared_ptr<bucket_store>
  watch(std::shared_ptr<bucket_store> store) override;
  [[nodiscard]] std::shared_ptr<sink>
  watch(const std::string& name, std::shared_ptr<sink> target) override;

private:
  std::shared_ptr<live_job> live_;
  std::unique_ptr<status_server> server_;
};

} // namespace sluice

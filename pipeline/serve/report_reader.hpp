// The job's report from its ledger, beside the process that runs the job, and
// at most once a second however many ask.

#pragma once

#include "pipeline/report/job_report.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>

namespace sluice {

using report_ptr = std::shared_ptr<const job_report>;

/// Thread-safe.
class report_reader {
public:
  explicit report_reader(settings config) : config_{std::move(config)} {}

  /// No older than a second. Errors: the ledger's.
  [[nodiscard]] caf::expected<report_ptr> read();

  /// The next `read` is of what is in the ledger then.
  void forget();

  [[nodiscard]] const settings& config() const { return config_; }

private:
  [[nodiscard]] caf::expected<report_ptr> read_ledger() const;

  settings config_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point read_at_;
  std::optional<caf::expected<report_ptr>> last_;
};

} // namespace sluice

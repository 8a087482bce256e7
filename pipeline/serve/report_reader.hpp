// Reads the job's report from its ledger, even while another process runs the
// job, and at most once a second for any number of readers. `status_server`
// owns one, which all its replies share.

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

  /// The report, at most a second old. Errors: the ledger's.
  [[nodiscard]] caf::expected<report_ptr> read();

  /// Makes the next `read` read the ledger again.
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

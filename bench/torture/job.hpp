// One job under torture: its folder, the API, the webhook's receiver, and the
// program's calls for this job.

#pragma once

#include "bench/torture/receiver.hpp"
#include "bench/torture/settings.hpp"
#include "bench/torture/tables.hpp"
#include "simulator/simulator.hpp"
#include "tests/support/program.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace sluice::torture {

/// The lists of a job.
struct job_input {
  std::vector<std::string> urls; ///< distinct, including refused ones
  uint64_t refused = 0;          ///< of those, by the API
  uint64_t invalid = 0;
  uint64_t duplicates = 0;

  [[nodiscard]] uint64_t records() const {
    return urls.size() + invalid + duplicates;
  }
};

struct job_options {
  std::string program;
  uint64_t seed = 0;
  unsigned urls = 0;
  unsigned retry_missing = 0;
  bool download = false;    ///< captures.fetch: download
  bool idempotent = false;  ///< submits have keys that the API supports
  double failing = 0.03;    ///< share of runs that fail halfway
  double lost_reply = 0.05; ///< for tests that make no decisions
};

class job {
public:
  /// Writes the list and the config to `folder` and starts the API. Throws if
  /// it cannot.
  job(std::filesystem::path folder, const job_options& options);

  /// `sluice run` on the job, followed by the arguments `more`.
  [[nodiscard]] test::program_input
  run_command(std::vector<std::string> more = {}) const;

  /// Another command: its name, the config, then `more`.
  [[nodiscard]] test::program_input
  command(const std::string& name, std::vector<std::string> more) const;

  [[nodiscard]] simulator& api() noexcept { return api_; }
  [[nodiscard]] const simulator& api() const noexcept { return api_; }
  [[nodiscard]] const receiver& hook() const noexcept { return hook_; }
  [[nodiscard]] const tables& databases() const noexcept { return tables_; }
  [[nodiscard]] const job_input& input() const noexcept { return input_; }
  [[nodiscard]] unsigned retry_missing() const noexcept {
    return options_.retry_missing;
  }

  [[nodiscard]] std::filesystem::path plain_file() const;
  [[nodiscard]] std::filesystem::path zstd_file() const;

private:
  void write_list();
  void write_config() const;

  std::filesystem::path folder_;
  job_options options_;
  simulator api_;
  receiver hook_;
  tables tables_;
  job_input input_;
};

} // namespace sluice::torture

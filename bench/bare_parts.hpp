// The pipeline's work without the pipeline. As many threads as it has
// connections download pages, split them, and write the captures to one file.
// No actors, no ledger, no order.

#pragma once

#include "bench/processes.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sluice::bench {

/// Each includes the previous ones.
enum class bare_part { download, split, write };

struct bare_job {
  uint16_t port = 0;             ///< of the simulator
  std::vector<std::string> runs; ///< ids of runs that have all ended
  std::filesystem::path file;    ///< overwritten
};

/// Creates `count` runs of `urls_per_run` URLs. Returns their ids.
[[nodiscard]] std::vector<std::string>
create_runs(uint16_t port, size_t count, size_t urls_per_run);

/// Fetches all captures of the runs in a separate process.
[[nodiscard]] child_result run_bare(const bare_job& job, bare_part last);

} // namespace sluice::bench

// The job of the benchmarks that measure pages: its list and its config. For
// bench_throughput and bench_paced.

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

namespace sluice::bench {

inline constexpr uint32_t urls_per_run = 1'000;

/// Writes urls.txt and job.yaml. `poll` is how often runs are polled, with its
/// unit.
inline void write_paged_job(const std::filesystem::path& folder, size_t urls,
                            uint16_t port, const std::string& poll) {
  std::ofstream list{folder / "urls.txt"};
  for (size_t i = 0; i < urls; ++i)
    list << "https://shop.example/item/" << i << '\n';
  std::ofstream config{folder / "job.yaml"};
  config << "api: {base_url: \"http://127.0.0.1:" << port
         << "\", key: k, requests_per_minute: 0}\n"
         << "input: {urls: [urls.txt], deduplicate: false}\n"
         << "runs: {robot: r, urls_per_run: " << urls_per_run << "}\n"
         << "poll: {interval: " << poll << ", min_interval: " << poll
         << ", max_interval: " << poll << "}\n"
         << "sinks: [{type: file, path: captures.jsonl}]\n";
}

} // namespace sluice::bench

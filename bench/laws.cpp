// How a job's cost grows: CPU time, peak memory, bytes written to disk and the
// ledger's size, against the number of URLs, runs, slots and sinks. One of them
// grows tenfold from row to row while the others stay the same. The rate is
// unlimited, and the simulator runs in a separate process.
//
//   bench_laws [FOLDER]
//
// Prints a table for docs/performance.md. FOLDER must be on a disk:
// writes to an in-memory file system are not counted.

#include "bench/processes.hpp"

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>

using namespace sluice;
using namespace sluice::bench;

namespace {

struct load {
  const char* name = "";
  size_t urls = 100'000;
  uint32_t urls_per_run = 100;
  uint32_t slots = 10;
  uint32_t sinks = 1;
};

constexpr auto run_seconds = 0.02;

void write_inputs(const std::filesystem::path& folder, const load& job,
                  uint16_t port) {
  std::ofstream list{folder / "urls.txt"};
  for (size_t i = 0; i < job.urls; ++i)
    list << "https://www.shop.example/catalogue/item/" << i << '\n';
  std::ofstream config{folder / "job.yaml"};
  config << "api: {base_url: \"http://127.0.0.1:" << port
         << "\", key: k, requests_per_minute: 0}\n"
         << "input: {urls: [urls.txt]}\n"
         << "runs: {robot: r, urls_per_run: " << job.urls_per_run
         << ", max_concurrent: " << job.slots << "}\n"
         << "poll: {interval: 20ms, min_interval: 20ms, max_interval: "
            "20ms}\n"
         << "ledger: job.sluice\n"
         << "sinks:\n";
  for (uint32_t i = 0; i < job.sinks; ++i)
    config << "  - {type: file, name: s" << i << ", path: out" << i
           << ".jsonl}\n";
}

/// Prints one row. False if the job failed.
bool measure(const std::filesystem::path& parent, const load& job) {
  simulator_options options;
  options.requests_per_minute = 0;
  options.run_seconds = run_seconds;
  options.max_concurrent = job.slots;
  options.capture_bytes = 200;
  work_folder folder{parent};
  api_process api{options};
  write_inputs(folder.path(), job, api.port());
  auto result = run_program(folder.path());
  std::error_code none;
  auto ledger = std::filesystem::file_size(folder.path() / "job.sluice", none);
  std::printf("| %s | %.2f s | %.1f MiB | %.0f MiB | %.2f MiB |\n", job.name,
              result.cpu, static_cast<double>(result.peak_kib) / 1024,
              result.written_mib, static_cast<double>(ledger) / (1 << 20));
  std::fflush(stdout);
  return result.status == 0;
}

constexpr load loads[]{
  {.name = "10,000 URLs", .urls = 10'000},
  {.name = "100,000 URLs", .urls = 100'000},
  {.name = "1,000,000 URLs", .urls = 1'000'000},
  {.name = "100 runs of 1,000 URLs", .urls_per_run = 1'000},
  {.name = "1,000 runs of 100 URLs", .urls_per_run = 100},
  {.name = "10,000 runs of 10 URLs", .urls_per_run = 10},
  {.name = "10 slots, 1,000 runs", .slots = 10},
  {.name = "100 slots, 1,000 runs", .slots = 100},
  {.name = "1,000 slots, 1,000 runs", .slots = 1'000},
  {.name = "1 file sink, 100,000 captures", .sinks = 1},
  {.name = "10 file sinks, 100,000 captures each", .sinks = 10},
};

} // namespace

int main(int argc, char** argv) {
  std::filesystem::path parent =
    argc > 1 ? argv[1] : std::filesystem::temp_directory_path();
  std::printf("| job | CPU | peak memory | written | ledger |\n"
              "|---|---|---|---|---|\n");
  auto is_good = true;
  for (auto& job : loads)
    is_good = measure(parent, job) && is_good;
  return is_good ? 0 : 1;
}

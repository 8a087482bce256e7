// Memory does not grow with the job: whole jobs of very different sizes,
// nothing limiting the rate, against a simulator in a process of its own.
//
//   bench_memory [FOLDER]
//
// Prints the peak memory of the program for 10,000, 1,000,000 and 10,000,000
// URLs, and for pages of 10,000 captures.

#include "bench/processes.hpp"

#include <cstdio>
#include <fstream>

using namespace sluice;
using namespace sluice::bench;

namespace {

struct load {
  const char* name;
  size_t urls;
  uint32_t page_size = 100;
  uint32_t capture_bytes = 200;
  const char* sink = "{type: \"null\"}";
};

void write_inputs(const std::filesystem::path& folder, const load& job,
                  uint16_t port) {
  std::ofstream list{folder / "urls.txt"};
  for (size_t i = 0; i < job.urls; ++i)
    list << "https://www.shop.example/catalogue/item/" << i << '\n';
  std::ofstream config{folder / "job.yaml"};
  config << "api: {base_url: \"http://127.0.0.1:" << port
         << "\", key: k, requests_per_minute: 0}\n"
         << "input: {urls: [urls.txt]}\n"
         << "runs: {robot: r}\n"
         << "poll: {interval: 5ms, min_interval: 5ms, max_interval: 5ms}\n"
         << "sinks: [" << job.sink << "]\n";
}

double peak_mib(const std::filesystem::path& parent, const load& job) {
  simulator_options options;
  options.requests_per_minute = 0;
  options.run_seconds = 0;
  options.page_size = job.page_size;
  options.capture_bytes = job.capture_bytes;
  work_folder folder{parent};
  api_process api{options};
  write_inputs(folder.path(), job, api.port());
  auto result = run_program(folder.path());
  auto peak = static_cast<double>(result.peak_kib) / 1024;
  std::printf("%-34s %10.1f MiB   %8.1f s   exit status %d\n", job.name, peak,
              result.wall, WEXITSTATUS(result.status));
  std::fflush(stdout);
  return result.status == 0 ? peak : 1e9;
}

} // namespace

int main(int argc, char** argv) {
  std::filesystem::path parent =
    argc > 1 ? argv[1] : std::filesystem::temp_directory_path();
  auto small = peak_mib(parent, {"10,000 URLs", 10'000});
  peak_mib(parent, {"1,000,000 URLs", 1'000'000});
  auto large = peak_mib(parent, {"10,000,000 URLs", 10'000'000});
  peak_mib(parent, {"200,000 URLs, pages of 10,000", 200'000, 10'000});
  std::printf("large to small %24.2f times   (goal: 1.10; 64 MiB)\n",
              large / small);
  return large <= 64 && large <= small * 1.1 ? 0 : 1;
}

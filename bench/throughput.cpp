// How fast captures flow when nothing limits the rate: the real program, with
// its ledger and a file sink, against a simulator in a process of its own on
// the same machine.
//
//   bench_throughput [URLS] [FOLDER]
//
// Prints captures/s, MB/s, CPU seconds per 100,000 captures and peak memory of
// the program alone; then what the ledger's part of it costs: the same
// transactions, carried out by themselves in the same folder. FOLDER (default:
// the system's temporary one) holds the files; its disk's fsync is part of the
// figures.

#include "bench/ledger_load.hpp"
#include "bench/processes.hpp"

#include <cstdio>
#include <fstream>

using namespace sluice;
using namespace sluice::bench;

namespace {

constexpr uint32_t capture_bytes = 2'000;
constexpr uint32_t page_size = 100;
constexpr uint32_t urls_per_run = 1'000;

void write_inputs(const std::filesystem::path& folder, size_t urls,
                  uint16_t port) {
  std::ofstream list{folder / "urls.txt"};
  for (size_t i = 0; i < urls; ++i)
    list << "https://shop.example/item/" << i << '\n';
  std::ofstream config{folder / "job.yaml"};
  config << "api: {base_url: \"http://127.0.0.1:" << port
         << "\", key: k, requests_per_minute: 0}\n"
         << "input: {urls: [urls.txt], deduplicate: false}\n"
         << "runs: {robot: r, urls_per_run: " << urls_per_run << "}\n"
         << "poll: {interval: 5ms, min_interval: 5ms, max_interval: 5ms}\n"
         << "sinks: [{type: file, path: captures.jsonl}]\n";
}

/// CPU seconds of the ledger's transactions for as many runs.
double ledger_cpu(const std::filesystem::path& folder, size_t urls) {
  auto pid = ::fork();
  if (pid == 0) {
    auto store = must(ledger::open(folder / "alone.sluice"));
    import_into(*store, urls / urls_per_run, urls_per_run);
    run_all(*store, urls_per_run);
    std::_Exit(0);
  }
  return wait_for(pid).cpu;
}

simulator_options unlimited_api() {
  simulator_options options;
  options.requests_per_minute = 0;
  options.run_seconds = 0;
  options.page_size = page_size;
  options.capture_bytes = capture_bytes;
  return options;
}

} // namespace

int main(int argc, char** argv) {
  size_t urls = argc > 1 ? std::stoul(argv[1]) : 200'000;
  work_folder folder{argc > 2 ? argv[2]
                              : std::filesystem::temp_directory_path()};
  child_result result;
  {
    api_process api{unlimited_api()};
    write_inputs(folder.path(), urls, api.port());
    result = run_program(folder.path());
  }
  auto bytes = static_cast<double>(
    std::filesystem::file_size(folder.path() / "captures.jsonl"));
  auto captures = static_cast<double>(urls);
  auto share = ledger_cpu(folder.path(), urls) / result.cpu;
  std::printf("%zu captures of %.0f bytes, %u per page, exit status %d\n", urls,
              bytes / captures, page_size, WEXITSTATUS(result.status));
  std::printf("captures/s            %12.0f   (goal: 100,000)\n",
              captures / result.wall);
  std::printf("MB/s                  %12.1f\n", bytes / 1e6 / result.wall);
  std::printf("CPU s/100,000         %12.3f\n", result.cpu * 1e5 / captures);
  std::printf("peak memory, MiB      %12.1f   (goal: 64)\n",
              static_cast<double>(result.peak_kib) / 1024);
  std::printf("ledger, %% of the CPU  %12.1f   (goal: 10)\n", share * 100);
  return result.status == 0 ? 0 : 1;
}

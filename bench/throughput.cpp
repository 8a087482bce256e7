// How fast captures flow if the rate is unlimited: the real program with its
// ledger and a file sink, against a simulator in a separate process on the same
// machine. The bare parts with the same simulator are measured for comparison.
//
//   bench_throughput [URLS [FOLDER [ROUNDS]]]
//
// Each round (5) does all measurements one after the other, so that other load
// on the machine affects them alike. Medians are printed. One measurement is
// the ledger's share: the same transactions by themselves in the same folder.
// FOLDER (default: the system's temporary folder) holds the files. The fsync of
// its disk is part of the figures.

#include "bench/bare_parts.hpp"
#include "bench/figure.hpp"
#include "bench/ledger_load.hpp"
#include "bench/paged_job.hpp"
#include "bench/processes.hpp"

#include <malloc.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>

using namespace sluice;
using namespace sluice::bench;

namespace {

constexpr uint32_t capture_bytes = 2'000;
constexpr uint32_t page_size = 100;

/// CPU seconds of the ledger's transactions for that many runs. Two changes are
/// synced together, which is the average in the pipeline.
double ledger_cpu(const std::filesystem::path& parent, size_t urls) {
  work_folder folder{parent};
  auto pid = ::fork();
  if (pid == 0) {
    // In this process the ledger's pages are at the end of the heap and would
    // be returned to the system with every change. In sluice they are not.
    ::mallopt(M_TRIM_THRESHOLD, 16 << 20);
    auto store = must(
      open_ledger(folder.path() / "alone.sluice", folder.path() / "notes"));
    import_into(*store, urls / urls_per_run, urls_per_run);
    run_all(*store, urls_per_run, 2);
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

/// The results of each round.
struct series {
  std::vector<double> per_second; ///< captures
  std::vector<double> cpu;        ///< seconds
  std::vector<double> peak_mib;

  void add(const child_result& result, size_t captures) {
    if (result.status != 0) {
      std::fprintf(stderr, "a measurement failed\n");
      std::exit(1);
    }
    per_second.push_back(static_cast<double>(captures) / result.wall);
    cpu.push_back(result.cpu);
    peak_mib.push_back(static_cast<double>(result.peak_kib) / 1024);
  }
};

struct measurements {
  std::array<series, 3> bare; ///< indexed by bare_part
  series pipeline;
  std::vector<double> ledger_cpu; ///< seconds
  double megabytes = 0;           ///< the size of the captures
};

/// Runs a new job and removes its files.
child_result run_pipeline(const std::filesystem::path& parent, size_t urls,
                          uint16_t port, double& megabytes) {
  work_folder folder{parent};
  write_paged_job(folder.path(), urls, port, "5ms");
  auto result = run_program(folder.path());
  std::error_code absent;
  auto bytes =
    std::filesystem::file_size(folder.path() / "captures.jsonl", absent);
  megabytes = static_cast<double>(bytes) / 1e6;
  return result;
}

measurements
measure(const std::filesystem::path& parent, size_t urls, int rounds) {
  measurements found;
  api_process api{unlimited_api()};
  work_folder folder{parent};
  bare_job bare{api.port(),
                create_runs(api.port(), urls / urls_per_run, urls_per_run),
                folder.path() / "bare.jsonl"};
  for (auto round = 0; round < rounds; ++round) {
    for (auto part : {bare_part::download, bare_part::split, bare_part::write})
      found.bare[static_cast<size_t>(part)].add(run_bare(bare, part), urls);
    std::filesystem::remove(bare.file);
    found.pipeline.add(run_pipeline(parent, urls, api.port(), found.megabytes),
                       urls);
    found.ledger_cpu.push_back(ledger_cpu(parent, urls));
  }
  return found;
}

std::string speed(const series& found, size_t urls, double megabytes) {
  auto rate = median(found.per_second);
  return text_of("%.0f captures/s, %.0f MB/s, %.2f CPU s per 100,000", rate,
                 rate * megabytes / static_cast<double>(urls),
                 median(found.cpu) * 1e5 / static_cast<double>(urls));
}

/// The median of the per-round ratios, since the machine's state hardly changes
/// within a round.
double ratio(const series& pipeline, const series& bare) {
  std::vector<double> ratios;
  for (size_t i = 0; i < pipeline.per_second.size(); ++i)
    ratios.push_back(pipeline.per_second[i] / bare.per_second[i]);
  return median(ratios);
}

bool print(const measurements& found, size_t urls) {
  auto mb = found.megabytes;
  auto& [download, split, write] = found.bare;
  auto& pipeline = found.pipeline;
  auto ledger = 100 * median(found.ledger_cpu) / median(pipeline.cpu);
  auto share = 100 * ratio(pipeline, write);
  auto peak =
    *std::max_element(pipeline.peak_mib.begin(), pipeline.peak_mib.end());
  figure("bare download, 2 KB captures, 100 per page",
         speed(download, urls, mb));
  figure("bare download and split", speed(split, urls, mb));
  figure("bare download, split and write", speed(write, urls, mb));
  auto good =
    figure("pipeline, ledger on, file sink", speed(pipeline, urls, mb),
           ">= 100,000/s", median(pipeline.per_second) >= 100'000);
  good &= figure("pipeline over the bare parts together",
                 text_of("%.0f%%", share), ">= 70%", share >= 70);
  good &= figure("its peak memory", text_of("%.1f MiB", peak), "<= 64 MiB",
                 peak <= 64);
  good &= figure("the ledger's part of its CPU time", text_of("%.0f%%", ledger),
                 "<= 10%", ledger <= 10);
  return good;
}

} // namespace

int main(int argc, char** argv) {
  size_t urls = argc > 1 ? std::stoul(argv[1]) : 400'000;
  std::filesystem::path parent =
    argc > 2 ? argv[2] : std::filesystem::temp_directory_path();
  auto rounds = argc > 3 ? std::stoi(argv[3]) : 5;
  urls -= urls % urls_per_run;
  auto found = measure(parent, urls, rounds);
  std::printf("%zu captures, %d rounds\n", urls, rounds);
  return print(found, urls) ? 0 : 1;
}

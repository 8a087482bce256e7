// The ledger's figures: import rate, changes per second, and the time to open
// and report a ledger with very many runs.
//
//     bench_ledger [DIRECTORY [BATCHES]]
//
// Builds a ledger of BATCHES (default: 100,000) batches of 100 URLs in
// DIRECTORY (default: the temporary directory) and takes every batch through a
// run. Each change is synced, so the directory's disk determines how long that
// takes. The bytes written include the -wal file and its checkpoints. Opening
// and reporting are timed on the result.

#include "bench/figure.hpp"
#include "bench/ledger_load.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

using namespace sluice;
using namespace sluice::bench;

namespace {

constexpr size_t urls_per_batch = 100;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  auto span = std::chrono::steady_clock::now() - begin;
  return std::chrono::duration<double>(span).count();
}

/// That this process has passed to the system to write.
double bytes_written() {
  std::ifstream in{"/proc/self/io"};
  std::string name;
  double count = 0;
  while (in >> name >> count)
    if (name == "wchar:")
      return count;
  return 0;
}

long peak_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

} // namespace

int main(int count, char** words) {
  std::filesystem::path directory =
    count > 1 ? words[1] : std::filesystem::temp_directory_path();
  size_t batches = count > 2 ? std::strtoull(words[2], nullptr, 10) : 100'000;
  auto file = directory / ("bench-" + std::to_string(::getpid()) + ".sluice");
  auto notes = file;
  notes += ".notes"; // as in a job
  auto store = must(open_ledger(file, notes));

  auto begin = std::chrono::steady_clock::now();
  import_into(*store, batches, urls_per_batch);
  auto rate =
    static_cast<double>(batches * urls_per_batch) / seconds_since(begin);
  auto good =
    figure("import into the ledger alone", text_of("%.0f URLs/s", rate),
           ">= 1,000,000/s", rate >= 1e6);

  auto written = bytes_written();
  begin = std::chrono::steady_clock::now();
  auto changes = run_all(*store, urls_per_batch, 1);
  rate = static_cast<double>(changes) / seconds_since(begin);
  figure("durable changes to the ledger", text_of("%.0f/s", rate));
  auto per_run = (bytes_written() - written) / static_cast<double>(batches);
  good &=
    figure("written by the ledger for each run",
           text_of("%.1f KB", per_run / 1e3), "<= 50 KB", per_run <= 50e3);

  store.reset();
  begin = std::chrono::steady_clock::now();
  store = must(open_ledger(file, notes));
  auto runs = must(store->open_runs()).size();
  auto sums = must(store->report());
  auto seconds = seconds_since(begin);
  std::printf("%zu of %llu runs are open\n", runs,
              static_cast<unsigned long long>(sums.runs));
  good &= figure("opening and reporting a ledger of " + std::to_string(batches)
                   + " runs",
                 text_of("%.1f ms", seconds * 1e3), "<= 1 s", seconds <= 1);
  std::printf("file            %10.1f MiB\n",
              static_cast<double>(std::filesystem::file_size(file))
                / (1 << 20));
  std::printf("peak memory     %10.1f MiB\n",
              static_cast<double>(peak_kib()) / 1024);
  store.reset();
  std::filesystem::remove_all(notes);
  std::filesystem::remove(file);
  std::filesystem::remove(file += ".lock");
  return good ? 0 : 1;
}

// The import's figures: URLs per second from a list to deduplicated batches,
// and the memory it takes.
//
//     bench_import [--ledger] [URLS]
//
// Writes a list of URLs (10,000,000, every tenth repeated) to the temporary
// directory and imports it, without a ledger or into one. Only the import
// is timed. The peak memory is that of the whole process.

#include "core/input/import.hpp"

#include "bench/figure.hpp"
#include "core/ledger/ledger.hpp"
#include "core/model/import_target.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string_view>

using namespace sluice;

namespace {

constexpr uint64_t repeat_every = 10;

[[noreturn]] void give_up(const caf::error& err) {
  std::fprintf(stderr, "%s\n", what_of(err).c_str());
  std::exit(1);
}

void must(const caf::error& err) {
  if (err)
    give_up(err);
}

/// Takes batches and discards them.
class null_target : public import_target {
public:
  caf::error
  add_batch(std::string_view, const std::vector<std::string_view>&) override {
    return caf::none;
  }

  caf::error add_invalid(const invalid_record&) override { return caf::none; }
};

/// A folder that is removed with its contents.
class work_folder {
public:
  work_folder()
      : path_{std::filesystem::temp_directory_path()
              / ("bench-import-" + std::to_string(::getpid()))} {
    std::filesystem::create_directory(path_);
  }

  ~work_folder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

void write_list(const std::filesystem::path& file, uint64_t urls) {
  std::ofstream out{file, std::ios::binary};
  for (uint64_t i = 0; i < urls; ++i) {
    auto item = i % repeat_every == repeat_every - 1 ? i / 2 : i;
    out << "https://www.shop" << item % 1'000 << ".example/catalogue/item/"
        << item * 2'654'435'761 % 100'000'000'000 << "?ref=list\n";
  }
  if (!out.flush())
    give_up(make_error(ec::disk, "cannot write " + file.string()));
}

rusage usage() {
  rusage now{};
  ::getrusage(RUSAGE_SELF, &now);
  return now;
}

double cpu_seconds() {
  auto seconds = [](timeval t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  auto now = usage();
  return seconds(now.ru_utime) + seconds(now.ru_stime);
}

import_counts run(const import_job& job, bool into_ledger) {
  if (!into_ledger) {
    null_target target;
    auto counts = run_import(job, target);
    if (!counts)
      give_up(counts.error());
    return *counts;
  }
  auto store = open_ledger(job.temp_dir / "bench.sluice");
  if (!store)
    give_up(store.error());
  must((*store)->begin_import());
  auto counts = run_import(job, **store);
  if (!counts)
    give_up(counts.error());
  must((*store)->finish_import(*counts));
  return *counts;
}

} // namespace

int main(int count, char** words) {
  bool into_ledger = false;
  uint64_t urls = 10'000'000;
  for (int i = 1; i < count; ++i) {
    if (std::string_view{words[i]} == "--ledger")
      into_ledger = true;
    else
      urls = std::strtoull(words[i], nullptr, 10);
  }
  work_folder folder;
  import_job job;
  job.input.urls = {folder.path() / "urls.txt"};
  job.robots.fallback = "rbt_1";
  job.temp_dir = folder.path();
  write_list(job.input.urls[0], urls);

  auto cpu = cpu_seconds();
  auto begin = std::chrono::steady_clock::now();
  auto counts = run(job, into_ledger);
  std::chrono::duration<double> span = std::chrono::steady_clock::now() - begin;
  cpu = cpu_seconds() - cpu;

  std::printf("%llu URLs, %llu duplicates, %llu batches %s\n",
              static_cast<unsigned long long>(counts.urls),
              static_cast<unsigned long long>(counts.duplicates),
              static_cast<unsigned long long>(counts.batches),
              into_ledger ? "into a ledger" : "without a ledger");
  std::printf("CPU %.1f s of %.1f s\n", cpu, span.count());
  auto rate = static_cast<double>(counts.records) / span.count();
  auto peak = static_cast<double>(usage().ru_maxrss) / 1024;
  std::string what = "import of " + std::to_string(urls) + " URLs "
                     + (into_ledger ? "into a ledger" : "without a ledger");
  auto good = bench::figure(what, bench::text_of("%.0f URLs/s", rate),
                            ">= 300,000/s", rate >= 300'000);
  good &=
    bench::figure(what + ", peak memory", bench::text_of("%.1f MiB", peak),
                  "<= 40 MiB", peak <= 40);
  return good ? 0 : 1;
}

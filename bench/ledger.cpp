// The ledger's figures: import rate, changes per second, and the time to open
// and to report a ledger of very many runs.
//
//     bench_ledger [DIRECTORY [BATCHES]]
//
// Builds a ledger of BATCHES batches (100,000) of 100 URLs in DIRECTORY (the
// temporary one), and takes every batch through a run. Each change is synced,
// so the directory's disk decides how long that takes; open and report are
// timed on the result.

#include "core/ledger.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace sluice;

namespace {

constexpr size_t urls_per_batch = 100;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  auto span = std::chrono::steady_clock::now() - begin;
  return std::chrono::duration<double>(span).count();
}

void must(const caf::error& err) {
  if (!err)
    return;
  std::fprintf(stderr, "%s\n", what_of(err).c_str());
  std::exit(1);
}

template <class T>
T must(caf::expected<T> result) {
  if (!result)
    must(result.error());
  return std::move(*result);
}

long peak_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

void import_into(ledger& store, size_t batches) {
  std::vector<std::string> urls(urls_per_batch);
  must(store.begin_import());
  for (size_t i = 0; i < batches; ++i) {
    for (size_t j = 0; j < urls_per_batch; ++j) {
      auto number = (i * urls_per_batch + j) * 2'654'435'761 % 10'000'000'000;
      urls[j] = "https://www.shop.example/catalogue/item/"
                + std::to_string(number) + "?ref=list";
    }
    must(store.add_batch("rbt_1", {urls.begin(), urls.end()}));
  }
  auto total = batches * urls_per_batch;
  must(store.finish_import({total, 0, 0, total, batches}));
}

/// All changes of one run's life; returns their number.
size_t run_one(ledger& store, const url_batch& batch, uint64_t delivery) {
  must(store.begin_submit(batch.key, {"worker", 0}));
  must(store.accept(batch.key, "run_" + std::to_string(batch.key), 1));
  must(store.end_run(batch.key, {}, {}));
  run_progress page{batch.key,
                    {"next", 1, 50, 0, 0, coverage_bits(13, 0x55)},
                    std::vector<capture_identity>(50),
                    std::nullopt};
  must(store.commit({delivery, {{"all", "1"}}, {page}, {1, 1, 1, 0}}));
  page.done = run_end{};
  must(store.commit({delivery, {{"all", "2"}}, {page}, {1, 1, 1, 0}}));
  return 5;
}

size_t run_all(ledger& store) {
  size_t changes = 0;
  uint64_t delivery = 0;
  while (auto batch = must(store.next_planned()))
    changes += run_one(store, *batch, ++delivery);
  return changes;
}

} // namespace

int main(int count, char** words) {
  std::filesystem::path directory =
    count > 1 ? words[1] : std::filesystem::temp_directory_path();
  size_t batches = count > 2 ? std::strtoull(words[2], nullptr, 10) : 100'000;
  auto file = directory / ("bench-" + std::to_string(::getpid()) + ".sluice");
  auto store = must(ledger::open(file));

  auto begin = std::chrono::steady_clock::now();
  import_into(*store, batches);
  auto rate =
    static_cast<double>(batches * urls_per_batch) / seconds_since(begin);
  std::printf("import          %10.0f URLs/s   (goal: 1,000,000)\n", rate);

  begin = std::chrono::steady_clock::now();
  auto changes = run_all(*store);
  rate = static_cast<double>(changes) / seconds_since(begin);
  std::printf("durable changes %10.0f per second\n", rate);

  store.reset();
  begin = std::chrono::steady_clock::now();
  store = must(ledger::open(file));
  auto runs = must(store->open_runs()).size();
  auto sums = must(store->report());
  std::printf("open and report %10.4f s        (goal: 1; %zu open of %llu "
              "runs)\n",
              seconds_since(begin), runs,
              static_cast<unsigned long long>(sums.runs));
  std::printf("file            %10.1f MiB\n",
              static_cast<double>(std::filesystem::file_size(file))
                / (1 << 20));
  std::printf("peak memory     %10.1f MiB\n",
              static_cast<double>(peak_kib()) / 1024);
  store.reset();
  std::filesystem::remove(file);
  std::filesystem::remove(file += ".lock");
}

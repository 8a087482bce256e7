// A ledger's whole life without anything around it.

#pragma once

#include "core/ledger.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace sluice::bench {

inline void must(const caf::error& err) {
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

/// Imports `batches` batches of `urls_per_batch` URLs of about 60 bytes.
inline void import_into(ledger& store, size_t batches, size_t urls_per_batch) {
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
inline size_t
run_one(ledger& store, const url_batch& batch, uint64_t delivery, size_t urls) {
  must(store.begin_submit(batch.key, {"worker", 0}));
  must(store.accept(batch.key, "run_" + std::to_string(batch.key), 1));
  must(store.end_run(batch.key, {}, {}));
  run_progress page{
    batch.key,
    {"next", 1, urls / 2, 0, 0, coverage_bits((urls + 7) / 8, 0x55)},
    std::vector<capture_identity>(urls / 2),
    std::nullopt};
  must(store.commit({delivery, {{"all", "1"}}, {page}, {1, 1, 1, 0}}));
  page.done = run_end{};
  must(store.commit({delivery, {{"all", "2"}}, {page}, {1, 1, 1, 0}}));
  return 5;
}

/// Takes every batch through its life; returns the number of changes.
inline size_t run_all(ledger& store, size_t urls_per_batch) {
  size_t changes = 0;
  uint64_t delivery = 0;
  while (auto batch = must(store.next_planned()))
    changes += run_one(store, *batch, ++delivery, urls_per_batch);
  return changes;
}

} // namespace sluice::bench

// The whole life of a ledger, without the rest of the program.

#pragma once

#include "core/ledger/ledger.hpp"
#include "core/model/batch.hpp"
#include "core/model/capture_page.hpp"
#include "core/model/listing.hpp"
#include "core/model/run.hpp"

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
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
inline void
import_into(import_store& store, size_t batches, size_t urls_per_batch) {
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

/// All changes in the lives of simultaneous runs. Each change becomes durable
/// together with the same change of the other runs. Returns the number of
/// changes.
inline size_t run_together(run_store& store,
                           const std::vector<url_batch>& batches,
                           uint64_t& delivery, size_t urls) {
  auto each = [&](auto change) {
    must(store.begin_group());
    for (auto& batch : batches)
      must(change(batch.key));
    must(store.end_group());
  };
  auto commit = [&](batch_key batch, std::optional<run_result> done) {
    run_progress page{
      batch,
      {"next", 1, urls / 2, 0, 0, coverage_bits((urls + 7) / 8, 0x55)},
      std::vector<capture_identity>(urls / 2),
      std::move(done)};
    return store.commit({++delivery, {{"all", "1"}}, {page}, {1, 1, 0}});
  };
  each([&](batch_key batch) {
    return store.begin_submit(batch, {"worker", 0});
  });
  each([&](batch_key batch) {
    return store.settle(batch, submit_result::accepted,
                        "run_" + std::to_string(batch), 1);
  });
  each([&](batch_key batch) { return store.record_end(batch, {}, {}); });
  each([&](batch_key batch) { return commit(batch, std::nullopt); });
  each([&](batch_key batch) { return commit(batch, run_result{}); });
  return 5 * batches.size();
}

/// Takes every batch through its life, `side_by_side` at a time. Returns the
/// number of changes.
inline size_t
run_all(run_store& store, size_t urls_per_batch, size_t side_by_side) {
  size_t changes = 0;
  uint64_t delivery = 0;
  std::vector<url_batch> batches;
  while (auto batch = must(store.next_planned())) {
    batches.push_back(std::move(*batch));
    if (batches.size() < side_by_side)
      continue;
    changes += run_together(store, batches, delivery, urls_per_batch);
    batches.clear();
  }
  return changes + run_together(store, batches, delivery, urls_per_batch);
}

} // namespace sluice::bench

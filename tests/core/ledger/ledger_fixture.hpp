// A ledger in a temporary directory, with shortcuts that put its batches into
// each state.

#pragma once

#include "core/ledger/ledger.hpp"
#include "core/model/batch.hpp"
#include "core/model/run.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace sluice::test {

/// Throws, and so fails the test, if `result` is an error.
template <class T>
T must(caf::expected<T> result) {
  if (!result)
    throw std::runtime_error{what_of(result.error())};
  return std::move(*result);
}

inline void must(const caf::error& err) {
  if (err)
    throw std::runtime_error{what_of(err)};
}

/// URLs in a batch, unless a test needs another number.
inline constexpr uint32_t run_size = 4;

/// Missing URLs are submitted again this many times, `run_size` in a run that
/// stops after one capture for each.
inline retry_rule retries(uint32_t times) {
  return {times, run_size, true};
}

/// Identities of different numbers differ.
inline capture_identity identity_of(uint8_t number) {
  capture_identity result{};
  result.fill(number);
  return result;
}

class ledger_fixture {
public:
  /// Opens the ledger, closing it first if it is open.
  ledger& open() {
    store.reset();
    store = must(open_ledger(file));
    return *store;
  }

  /// Opens a ledger with `batches` batches of `size` URLs each, imported.
  ledger& open_imported(size_t batches, size_t size) {
    auto& result = open();
    must(result.begin_import());
    for (size_t i = 0; i < batches; ++i)
      must(result.add_batch("rbt_1", views(urls_of(i, size))));
    must(result.finish_import({batches * size, 0, 0, batches * size, batches}));
    return result;
  }

  /// The URLs of the i-th batch of an import.
  static const std::vector<std::string>& urls_of(size_t i, size_t size) {
    static thread_local std::vector<std::string> urls;
    urls.clear();
    for (size_t j = 0; j < size; ++j)
      urls.push_back("https://shop.example/" + std::to_string(i) + "/"
                     + std::to_string(j));
    return urls;
  }

  static std::vector<std::string_view>
  views(const std::vector<std::string>& urls) {
    return {urls.begin(), urls.end()};
  }

  /// Takes the next planned batch and begins its submit.
  batch_key in_flight() {
    auto batch = must(store->next_planned());
    if (!batch)
      throw std::runtime_error{"nothing is planned"};
    must(store->begin_submit(batch->key, {"worker", 0}));
    return batch->key;
  }

  /// Its run is "run_<batch>" unless a name is given.
  batch_key running(const std::string& run_id = {}) {
    auto key = in_flight();
    auto usual = "run_" + std::to_string(key);
    must(store->settle(key, submit_result::accepted,
                       run_id.empty() ? usual : run_id, 1'000));
    return key;
  }

  batch_key ended(const run_result& end = {run_outcome::completed, "completed",
                                           std::nullopt}) {
    auto key = running();
    must(store->record_end(key, end, {}));
    return key;
  }

  temp_folder folder; ///< outlives `store`
  std::filesystem::path directory = folder.path();
  std::filesystem::path file = directory / "job.sluice";
  std::unique_ptr<ledger> store;
};

} // namespace sluice::test

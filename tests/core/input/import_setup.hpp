// Sets up an import: lists in a temporary folder and a target that records its
// calls.

#pragma once

#include "core/input/import.hpp"
#include "core/model/import_target.hpp"
#include "tests/core/input/list_fixture.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

using texts = std::vector<std::string>;

/// An import of lists in a temporary folder, all for the robot "r".
struct import_setup {
  list_folder folder;
  recording_target target;
  import_job job;

  import_setup() {
    job.temp_dir = folder.path();
    job.robots.fallback = "r";
    job.urls_per_run = 3;
  }

  void list(const std::string& name, std::string_view content) {
    job.input.urls.push_back(folder.write(name, content));
  }

  import_counts run() {
    auto counts = run_import(job, target);
    if (!counts)
      FAIL(what_of(counts.error()));
    CHECK(counts->records
          == counts->invalid + counts->duplicates + counts->urls);
    CHECK(counts->batches == target.batches.size());
    CHECK(counts->invalid == target.invalid.size());
    return *counts;
  }

  /// Runs an import that fails with `code` and returns its message.
  std::string failure(ec code) {
    auto counts = run_import(job, target);
    REQUIRE_FALSE(counts);
    CHECK(code_of(counts.error()) == code);
    return what_of(counts.error());
  }
};

inline void check_holds(const std::string& text, std::string_view part) {
  INFO(text);
  CHECK(text.find(part) != std::string::npos);
}

/// `count` numbered lines. The numbers restart after `repeat_after`.
inline std::string many_urls(int count, int repeat_after = INT32_MAX) {
  std::string out;
  for (int i = 0; i < count; ++i)
    out += "http://h/" + std::to_string(i % repeat_after) + '\n';
  return out;
}

} // namespace sluice::test

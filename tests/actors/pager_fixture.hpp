// A capture_pager with test doubles. Pages come from a table and sinks answer
// when told to.

#pragma once

#include "actors/capture_pager.hpp"
#include "core/model/batch.hpp"
#include "core/model/listing.hpp"
#include "core/model/run.hpp"
#include "tests/support/actor_doubles.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_api.hpp"
#include "tests/support/fake_ledger.hpp"

#include <map>

namespace sluice::test {

struct pager_fixture : actor_fixture {
  fake_api_ptr api = std::make_shared<fake_api>();
  fake_ledger_ptr store = std::make_shared<fake_ledger>();
  fake_limiter_ptr permits = std::make_shared<fake_limiter>();
  fake_stages_ptr stages = std::make_shared<fake_stages>();
  fake_supervisor_ptr boss = std::make_shared<fake_supervisor>();
  fake_sink_ptr sink = std::make_shared<fake_sink>();
  fake_sink_ptr other_sink = std::make_shared<fake_sink>();
  std::shared_ptr<job_counters> counters = std::make_shared<job_counters>();
  int64_t wall_ms = 1'764'482'467'005;
  capture_pager_config config;
  capture_pager_actor pager;
  /// Pages of each run, by run id and cursor.
  std::map<std::string, page_reply> pages;

  pager_fixture();

  void start(bool two_sinks = false);

  /// Batch `key` with these URLs now has a terminal run.
  void record_end(batch_key key, std::vector<std::string> urls,
                  std::optional<uint64_t> extracted = {},
                  run_outcome outcome = run_outcome::completed);

  static std::string name_of(batch_key key);

  /// Run `key` lists `count` pages, each with one capture and `bytes` bytes.
  void list(batch_key key, size_t count, size_t bytes = 100);

  [[nodiscard]] size_t fetches() const { return api->pages.size(); }

  answer_ptr<atoms::ok_atom> drain();

  /// The progress of `batch` in checkpoint `number`.
  [[nodiscard]] const run_progress* part(size_t number, batch_key batch) const;
};

} // namespace sluice::test

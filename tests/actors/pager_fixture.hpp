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
  capture_pager_config config;
  capture_pager_actor pager;
  /// Pages of each run, by run id and cursor.
  std::map<std::string, page_reply> pages;

  pager_fixture() {
    store->log = api->log;
    stages->log = api->log;
    other_sink->name = "other";
    config.counters = counters;
    config.window = 1000;
    api->on_page = [this](const page_order& order) {
      auto page = pages.find(order.run.id + "/" + order.cursor);
      return page == pages.end() ? page_failing(read_outcome::retry)
                                 : page->second;
    };
  }

  void start(bool two_sinks = false) {
    config.ledger = spawn(fake_keeper, store);
    config.limiter = spawn(limiter_double, permits);
    config.pool = spawn(fake_pool, api);
    config.submitter = spawn(submitter_double, stages);
    config.supervisor = spawn(supervisor_double, boss);
    config.sinks = {spawn(sink_double, sink)};
    if (two_sinks)
      config.sinks.push_back(spawn(sink_double, other_sink));
    pager = spawn(capture_pager, config);
    run();
  }

  /// Batch `key` with these URLs now has a terminal run.
  void record_end(batch_key key, std::vector<std::string> urls,
                  std::optional<uint64_t> extracted = {},
                  run_outcome outcome = run_outcome::completed) {
    store->end(key, urls);
    tell(pager, terminal_run{key, run_ref{name_of(key), {}},
                             run_result{outcome, "completed", extracted},
                             static_cast<uint32_t>(urls.size())});
  }

  static std::string name_of(batch_key key) {
    return "r" + std::to_string(key);
  }

  /// Run `key` lists `count` pages, each with one capture and `bytes` bytes.
  void list(batch_key key, size_t count, size_t bytes = 100) {
    auto name = name_of(key);
    for (size_t i = 0; i < count; ++i) {
      auto cursor = i == 0 ? std::string{} : std::to_string(i);
      auto next =
        i + 1 < count ? std::optional{std::to_string(i + 1)} : std::nullopt;
      pages[name + "/" + cursor] =
        page_with({name + "-" + std::to_string(i)}, next, bytes);
    }
  }

  [[nodiscard]] size_t fetches() const { return api->pages.size(); }

  answer_ptr<atoms::ok_atom> drain() {
    return ask<atoms::ok_atom>(pager, atoms::drain_atom::value);
  }

  /// The progress of `batch` in checkpoint `number`.
  [[nodiscard]] const run_progress* part(size_t number, batch_key batch) const {
    for (auto& run : store->checkpoints.at(number).runs)
      if (run.batch == batch)
        return &run;
    return nullptr;
  }
};

} // namespace sluice::test

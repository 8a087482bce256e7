#include "tests/actors/pager_fixture.hpp"

namespace sluice::test {

pager_fixture::pager_fixture() {
  store->log = api->log;
  stages->log = api->log;
  other_sink->name = "other";
  config.counters = counters;
  config.window = 1000;
  config.wall_ms = [this] { return wall_ms; };
  api->on_page = [this](const page_order& order) {
    auto page = pages.find(order.run.id + "/" + order.cursor);
    return page == pages.end() ? page_failing(read_outcome::retry)
                               : page->second;
  };
}

void pager_fixture::start(bool two_sinks) {
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

void pager_fixture::record_end(batch_key key, std::vector<std::string> urls,
                               std::optional<uint64_t> extracted,
                               run_outcome outcome) {
  store->end(key, urls);
  tell(pager, terminal_run{key, run_ref{name_of(key), {}},
                           run_result{outcome, "completed", extracted},
                           static_cast<uint32_t>(urls.size())});
}

std::string pager_fixture::name_of(batch_key key) {
  return "r" + std::to_string(key);
}

void pager_fixture::list(batch_key key, size_t count, size_t bytes) {
  auto name = name_of(key);
  for (size_t i = 0; i < count; ++i) {
    auto cursor = i == 0 ? std::string{} : std::to_string(i);
    auto next =
      i + 1 < count ? std::optional{std::to_string(i + 1)} : std::nullopt;
    pages[name + "/" + cursor] =
      page_with({name + "-" + std::to_string(i)}, next, bytes);
  }
}

answer_ptr<atoms::ok_atom> pager_fixture::drain() {
  return ask<atoms::ok_atom>(pager, atoms::drain_atom::value);
}

const run_progress* pager_fixture::part(size_t number, batch_key batch) const {
  for (auto& run : store->checkpoints.at(number).runs)
    if (run.batch == batch)
      return &run;
  return nullptr;
}

} // namespace sluice::test

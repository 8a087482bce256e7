#include "tests/core/ledger/middle_of_job.hpp"

namespace sluice::test {

namespace {

constexpr size_t all_batches = 16;
constexpr size_t all_urls = all_batches * run_size;
const retry_rule two_retries{2, run_size};
const run_result completed{run_outcome::completed, "completed", run_size};
const std::map<std::string, std::string> saved{{"dataset", "ds_11"}};

} // namespace

void middle_of_job::make() {
  open();
  must(store->bind({{"api.profile", "extralt"}, {"runs.robot", "*=rbt_1"}}));
  must(store->retry_missing_by(two_retries));
  import();
  submit_all();
  finish_some();
  read_one_halfway();
}

void middle_of_job::import() {
  must(store->begin_import());
  for (size_t i = 0; i < all_batches; ++i)
    must(store->add_batch("rbt_1", views(urls_of(i, run_size))));
  must(store->add_invalid({"urls.txt", 7, "no url", "it is not a URL"}));
  must(store->finish_import({all_urls + 3, 1, 2, all_urls, all_batches}));
}

/// Batch 14 stays planned, and so do the batches made from 8, 15 and the
/// retries.
void middle_of_job::submit_all() {
  for (batch_key key = 1; key <= 16; ++key)
    must(store->next_planned());
  for (batch_key key = 1; key <= 16; ++key)
    if (key != 14)
      must(store->begin_submit(key, {"worker", 60'000, 1'000}));
  for (batch_key key : {1, 2, 3, 4, 10, 11, 12, 16})
    must(store->settle(key, submit_result::accepted,
                       "run_" + std::to_string(key), 2'000 + key));
  for (batch_key key : {5, 6, 13, 15})
    must(store->settle(key, submit_result::held, "the reply was lost", 1));
  must(store->abandon(5));
  must(store->settle(7, submit_result::rejected, "422: not a page", 1));
  must(store->settle(8, submit_result::split, {}, 1));
  must(store->adopt(13, "run_13", 2'013));
  must(store->resubmit(15));
}

void middle_of_job::finish_some() {
  for (batch_key key : {1, 2, 3, 12, 16})
    must(store->record_end(key, completed, {}));
  run_result failed{run_outcome::failed, "failed", std::nullopt};
  must(store->record_end(4, failed, {}));
  deliver(1, 4, {0x0F}, completed);
  deliver(2, 2, {0x03}, completed);
  deliver(3, 1, {0x01}, completed);
  deliver(4, 0, {}, failed);
  run_progress extra{16, {"", 1, 4, 1, 1, {0x07}}, {}, completed};
  must(store->commit({++delivery_, {}, {extra}, {}}));
  // Every planned batch is handed out. URLs of 2 and 3 are pooled.
  while (must(store->next_planned()))
    ;
}

void middle_of_job::read_one_halfway() {
  must(store->record_end(11, completed, saved));
  checkpoint cut;
  cut.delivery = ++delivery_;
  cut.sinks = {{"captures.jsonl", std::string{"4096\0\x01", 6}},
               {"hook", "17"}};
  cut.runs = {{11,
               {"cursor-2", 2, 3, 0, 1, {0x05}, 1},
               {identity_of(1), identity_of(2), identity_of(3)},
               std::nullopt}};
  cut.requests = {20, 9, 1};
  cut.dead_letters = 1;
  cut.elapsed = std::chrono::seconds{90};
  cut.spent[0] = std::chrono::seconds{60};
  must(store->commit(cut));
}

void middle_of_job::deliver(batch_key key, size_t captures,
                            const coverage_bits& covered,
                            const std::optional<run_result>& done) {
  run_progress all{key, {"", 1, captures, 0, 0, covered}, {}, done};
  must(store->commit({++delivery_, {}, {all}, {}}));
}

void middle_of_job::check_account() {
  auto sums = must(store->report());
  CHECK(sums.invalid == 1);
  CHECK(sums.duplicate == 2);
  CHECK(sums.captured == 4 + 2 + 1 + 3 + 2);
  CHECK(sums.held == run_size);
  CHECK(sums.rejected == run_size);
  CHECK(sums.failed == run_size);
  CHECK(sums.missing == 1);
  CHECK(sums.total() == all_urls + 3);
  CHECK(sums.runs == 9);
  CHECK(sums.open_runs == 4);
  CHECK(sums.held_batches == 1);
  CHECK(sums.captures == 4 + 2 + 1 + 4 + 3);
  CHECK(sums.unmatched == 1);
  CHECK(sums.repeated == 2);
  CHECK(sums.shortfall == 2 + 3);
  CHECK(sums.dead_letters == 1);
  CHECK(sums.requests.submits == 15);
  CHECK(sums.requests.polls == 20);
  CHECK(sums.requests.pages == 9);
  CHECK(sums.requests.rate_limited == 1);
  CHECK(sums.elapsed == std::chrono::seconds{90});
  CHECK(sums.spent[0] == std::chrono::seconds{60});
  CHECK(must(store->held_batches(9)).at(0).reason == "the reply was lost");
  CHECK(must(store->rejected_batches(9)).at(0).key == 7);
  CHECK(must(store->invalid_records(9)).at(0).text == "no url");
  CHECK(must(store->imported()).urls == all_urls);
}

void middle_of_job::check_open_runs() {
  auto runs = must(store->open_runs());
  REQUIRE(runs.size() == 4);
  for (auto& run : runs) {
    CHECK(run.run.id == "run_" + std::to_string(run.batch));
    CHECK(run.submitted_at_ms == 2'000 + run.batch);
    CHECK(run.url_count == run_size);
    CHECK(run.end.has_value() == (run.batch == 11 || run.batch == 12));
  }
  CHECK(runs[1].run.saved == saved);
  CHECK(runs[1].end->extracted == run_size);
}

void middle_of_job::check_positions() {
  CHECK(must(store->last_delivery()) == 6);
  CHECK(must(store->position_of("captures.jsonl"))
        == std::string{"4096\0\x01", 6});
  CHECK(must(store->position_of("hook")) == "17");
  auto start = must(store->start_paging(11));
  CHECK(start.urls.size() == run_size);
  CHECK(start.urls[0] == urls_of(10, run_size)[0]);
  CHECK(start.state.cursor == "cursor-2");
  CHECK(start.state.next_page == 2);
  CHECK(start.state.captures == 3);
  CHECK(start.state.repeated == 1);
  CHECK(start.state.listings == 1);
  CHECK(start.state.covered == coverage_bits{0x05});
  CHECK(start.seen
        == std::vector{identity_of(1), identity_of(2), identity_of(3)});
}

void middle_of_job::continue_to_end() {
  must(store->bind({{"api.profile", "extralt"}, {"runs.robot", "*=rbt_1"}}));
  delivery_ = must(store->last_delivery());
  CHECK(must(store->hold_interrupted()) == 1);
  must(store->retry_missing_by(two_retries));
  work_off();
  decide_about_held();
  work_off();
  auto sums = must(store->report());
  CHECK(sums.captured == all_urls - 4 * run_size - 1 + run_size);
  CHECK(sums.rejected == run_size);
  CHECK(sums.failed == 2 * run_size);
  CHECK(sums.missing == 1);
  CHECK(sums.held + sums.pending + sums.open_runs == 0);
  CHECK(sums.total() == all_urls + 3);
}

void middle_of_job::work_off() {
  finish_all_open();
  while (auto batch = must(store->next_planned())) {
    must(store->begin_submit(batch->key, {"other", 90'000, 5'000}));
    must(store->settle(batch->key, submit_result::accepted,
                       "run_" + std::to_string(batch->key), 6'000));
    finish_all_open();
  }
}

void middle_of_job::finish_all_open() {
  for (auto& run : must(store->open_runs())) {
    if (!run.end)
      must(store->record_end(run.batch, completed, {}));
    coverage_bits all{static_cast<uint8_t>((1u << run.url_count) - 1)};
    deliver(run.batch, run.url_count, all, completed);
  }
}

/// One of the two held batches is given up. The run of the other was found.
void middle_of_job::decide_about_held() {
  auto held = must(store->held_batches(9));
  REQUIRE(held.size() == 2);
  CHECK(held[0].key == 6);
  CHECK(held[1].key == 9);
  must(store->abandon(6));
  must(store->adopt(9, "run_9", 7'000));
}

} // namespace sluice::test

#include "tests/actors/download_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(
  download_fixture,
  "a download costs one request and its parts are pages in the common order") {
  file("r1#1", "r1", 3);
  file("r2#1", "r2", 2);
  start_with_readers(2);
  record_end(1, {"r1-0", "r1-1", "r1-2"}, 3);
  record_end(2, {"r2-0", "r2-1"}, 2);
  advance(1s);
  CHECK(links() == 2);
  CHECK(fetches() == 0);
  CHECK(permits->asked == std::vector{request_kind::page, request_kind::page});
  REQUIRE(sink->pages.size() == 5);
  for (size_t i = 0; i < 5; ++i)
    CHECK(sink->pages[i]->delivery == i + 1);
  CHECK(stages->committed.size() == 2);
  CHECK(counters->urls_covered == 5);
  CHECK(counters->window_bytes == 0);
}

TEST_CASE_METHOD(download_fixture,
                 "while a sink acks nothing, a download stays within the "
                 "window and its reader opens no other file") {
  file("r1#1", "r1", 50);
  file("r2#1", "r2", 1);
  start_with_readers();
  sink->acks = false;
  record_end(1, {});
  record_end(2, {});
  advance(1h);
  CHECK(files->parts_read == 10);
  CHECK(counters->window_bytes == 1000);
  CHECK(links() == 1);
  sink->acks = true;
  sink->answer();
  run();
  CHECK(files->parts_read == 51);
  CHECK(links() == 2);
  advance(config.times.longest_rest); // after the checkpoint that the sink held
                                      // up
  CHECK(stages->committed.size() == 2);
}

TEST_CASE_METHOD(download_fixture, "a failed download is requested again with "
                                   "a fresh URL and delivers nothing twice") {
  files->verdicts["r1#1"] = read_as(read_outcome::retry, "answered 403");
  files->parts["r1#2"] = {part_with({"a"}, true),
                          page_failing(read_outcome::retry)};
  files->parts["r1#3"] = {part_with({"a", "b"}, false)};
  start_with_readers();
  record_end(1, {"a", "b"}, 2);
  advance(999ms);
  CHECK(files->opened == strings{"r1#1", "r1#2"});
  advance(5s);
  CHECK(files->opened == strings{"r1#1", "r1#2", "r1#3"});
  CHECK(delivered() == strings{"a", "b"});
  CHECK(fetches() == 0);
  CHECK(counters->window_bytes == 0);
  CHECK(stages->committed.size() == 1);
}

TEST_CASE_METHOD(download_fixture,
                 "a run with bad lines in its download is paged if captures "
                 "are missing, with or without a reported count") {
  auto [reported, pages_read] =
    GENERATE(std::pair{std::optional<uint64_t>{3}, 3},
             std::pair{std::optional<uint64_t>{}, 3},
             std::pair{std::optional<uint64_t>{2}, 0});
  files->verdicts["r1#1"] = read_as(read_outcome::ok, "one bad line");
  files->parts["r1#1"] = {part_with({"r1-0"}, true),
                          part_with({"r1-2"}, false)};
  list(1, 3);
  start_with_readers();
  record_end(1, {"r1-0", "r1-1", "r1-2"}, reported);
  advance(1min);
  CHECK(links() == 1);
  CHECK(fetches() == static_cast<size_t>(pages_read));
  CHECK(delivered()
        == (pages_read > 0 ? strings{"r1-0", "r1-2", "r1-1"}
                           : strings{"r1-0", "r1-2"}));
  CHECK(stages->committed.size() == 1);
}

TEST_CASE_METHOD(download_fixture,
                 "a download with bad lines is read again twice if captures "
                 "cannot be paged, then the shortfall is final") {
  config.can_page = false;
  for (auto url : {"r1#1", "r1#2", "r1#3"}) {
    files->verdicts[url] = read_as(read_outcome::ok, "one bad line");
    files->parts[url] = {part_with({"a"}, false)};
  }
  start_with_readers();
  record_end(1, {"a", "b"}, 2);
  advance(3min);
  CHECK(links() == 3);
  CHECK(delivered() == strings{"a"});
  REQUIRE(stages->committed.size() == 1);
  CHECK(store->checkpoints.back().runs.at(0).done->outcome
        == run_outcome::completed);
}

TEST_CASE_METHOD(download_fixture,
                 "a download that fails three times is replaced by paging") {
  for (auto url : {"r1#1", "r1#2", "r1#3"})
    files->verdicts[url] = read_as(read_outcome::retry, "answered 403");
  list(1, 2);
  start_with_readers();
  record_end(1, {"r1-0", "r1-1"}, 2);
  advance(10s);
  CHECK(links() == 3);
  CHECK(delivered() == strings{"r1-0", "r1-1"});
  CHECK(stages->committed.size() == 1);
  CHECK(boss->failures.empty());
}

TEST_CASE_METHOD(download_fixture,
                 "three runs in a row without a download switch the rest to "
                 "paging until downloads are tried again") {
  have_no_files();
  start_with_readers(2);
  for (batch_key key = 1; key <= 6; ++key)
    list(key, 1);
  for (batch_key key = 1; key <= 3; ++key)
    record_end(key, {});
  advance(1min);
  CHECK(stages->committed.size() == 3);
  CHECK(links() == 9);
  for (batch_key key = 4; key <= 5; ++key)
    record_end(key, {});
  run();
  CHECK(stages->committed.size() == 5);
  CHECK(links() == 9);
  advance(10min);
  record_end(6, {});
  advance(1min);
  CHECK(stages->committed.size() == 6);
  CHECK(asked["r6"] == 3);
}

TEST_CASE_METHOD(
  download_fixture,
  "runs waiting for their download are paged once downloads are suspended") {
  have_no_files();
  for (batch_key key = 1; key <= 6; ++key)
    list(key, 1);
  start_with_readers();
  api->silent = true;
  for (batch_key key = 1; key <= 6; ++key)
    record_end(key, {});
  // One address is requested at a time, so the last runs wait.
  for (auto i = 0; i < 100; ++i) {
    api->answer(1);
    advance(1s);
  }
  CHECK(stages->committed.size() == 6);
  CHECK(links() < 18);
}

TEST_CASE_METHOD(download_fixture,
                 "a partly delivered download is continued to its end even if "
                 "downloads are suspended") {
  auto link = api->on_link;
  have_no_files();
  auto none = api->on_link;
  api->on_link = [=](const link_order& order) {
    return order.run.id == "r4" ? link(order) : none(order);
  };
  for (batch_key key = 1; key <= 3; ++key)
    list(key, 1);
  file("r4#1", "r4", 2);
  start_with_readers();
  for (batch_key key = 1; key <= 3; ++key)
    record_end(key, {});
  advance(1min);
  REQUIRE(stages->committed.size() == 3);
  store->starts[4].state.captures = 1;
  store->starts[4].seen = {part_with({"r4-0"}, false).captures[0].identity};
  record_end(4, {});
  advance(1s);
  CHECK(files->opened == strings{"r4#1"});
  CHECK(delivered().back() == "r4-1");
  CHECK(stages->committed.size() == 4);
}

TEST_CASE_METHOD(download_fixture,
                 "failed runs without a download do not affect other runs") {
  have_no_files();
  start_with_readers();
  for (batch_key key = 1; key <= 6; ++key) {
    list(key, 1);
    record_end(key, {}, {}, run_outcome::failed);
  }
  advance(1min);
  CHECK(links() == 6);
}

TEST_CASE_METHOD(download_fixture,
                 "an answer without a usable address counts as a failed "
                 "download and a server that is down does not") {
  auto [status, asked_for] =
    GENERATE(std::pair{200, 3}, std::pair{302, 3}, std::pair{503, 4});
  auto count = std::make_shared<int>(0);
  api->on_link = [=, status = status](const link_order& order) {
    link_reply reply;
    if (++*count > 3) {
      reply.link.url = order.run.id + "#" + std::to_string(*count);
      reply.verdict = read_as(read_outcome::ok);
    } else {
      reply.verdict = read_as(read_outcome::retry, "no address");
      reply.verdict.status = status;
    }
    return reply;
  };
  file("r1#4", "r1", 2);
  list(1, 2);
  start_with_readers();
  record_end(1, {"r1-0", "r1-1"}, 2);
  advance(1min);
  CHECK(links() == static_cast<size_t>(asked_for));
  CHECK(stages->committed.size() == 1);
}

TEST_CASE_METHOD(download_fixture,
                 "a failed run without a download is paged at once and a "
                 "completed one after two repetitions") {
  auto [outcome, asked_for] = GENERATE(std::pair{run_outcome::failed, 1},
                                       std::pair{run_outcome::stopped, 1},
                                       std::pair{run_outcome::completed, 3});
  have_no_files();
  list(1, 2);
  start_with_readers();
  record_end(1, {"r1-0"}, {}, outcome);
  advance(10s);
  CHECK(links() == static_cast<size_t>(asked_for));
  CHECK(sink->pages.size() == 2);
  REQUIRE(stages->committed.size() == 1);
  CHECK(store->checkpoints.back().runs.at(0).done->outcome == outcome);
}

TEST_CASE_METHOD(download_fixture, "a run without a download is lost after a "
                                   "minute if captures cannot be paged") {
  have_no_files();
  config.can_page = false;
  start_with_readers();
  record_end(1, {"a"}, {}, run_outcome::failed);
  advance(3min);
  CHECK(fetches() == 0);
  REQUIRE(stages->committed.size() == 1);
  CHECK(store->checkpoints.back().runs.at(0).done->outcome
        == run_outcome::lost);
}

TEST_CASE_METHOD(download_fixture, "a download with fewer captures than "
                                   "reported is repeated twice after a pause") {
  for (auto url : {"r1#1", "r1#2", "r1#3"})
    files->parts[url] = {part_with({"a"}, false)};
  start_with_readers();
  record_end(1, {"a", "b"}, 2);
  advance(4999ms);
  CHECK(links() == 1);
  advance(1ms);
  CHECK(links() == 2);
  advance(1min);
  CHECK(links() == 3);
  CHECK(delivered() == strings{"a"});
  REQUIRE(stages->committed.size() == 1);
  auto& last = store->checkpoints.back().runs.at(0);
  CHECK(last.done->outcome == run_outcome::completed);
  CHECK(last.state.captures == 1);
}

TEST_CASE_METHOD(
  download_fixture,
  "a restart reads the download from its start and drops committed captures") {
  file("r1#1", "r1", 3);
  store->starts[1].state.next_page = 2;
  store->starts[1].state.captures = 2;
  store->starts[1].seen = {identity_named("r1-0"), identity_named("r1-1")};
  start_with_readers();
  record_end(1, {"r1-0", "r1-1", "r1-2"}, 3);
  advance(1s);
  CHECK(delivered() == strings{"r1-2"});
  CHECK(stages->committed.size() == 1);
}

TEST_CASE_METHOD(download_fixture,
                 "a listing begun page by page continues page by page") {
  list(1, 3);
  store->starts[1].state.cursor = "1";
  start_with_readers();
  record_end(1, {});
  advance(1s);
  CHECK(links() == 0);
  CHECK(fetches() == 2);
}

TEST_CASE_METHOD(download_fixture,
                 "draining waits for the reply that cost a token but not for "
                 "the file, whose late parts are dropped") {
  file("r1#1", "r1", 3);
  files->silent = true;
  start_with_readers();
  record_end(1, {});
  files->answer();
  run(); // opened, and its first part is requested
  files->answer();
  run();
  CHECK(sink->pages.size() == 1);
  CHECK(drain()->value);
  CHECK(store->checkpoints.back().delivery == 1);
  files->answer();
  advance(1h);
  CHECK(sink->pages.size() == 1);
  CHECK(files->opened.size() == 1);
  CHECK(files->parts_read == 2);
}

TEST_CASE_METHOD(download_fixture,
                 "draining does not open a file whose address arrives late") {
  api->silent = true;
  start_with_readers();
  record_end(1, {});
  auto drained = drain();
  CHECK(drained->pending());
  api->answer();
  run();
  CHECK(drained->value);
  CHECK(files->opened.empty());
}

TEST_CASE_METHOD(download_fixture,
                 "a download of more captures than its run can have releases "
                 "its reader for the next run") {
  config.window = 1 << 20;
  std::vector<std::string> names;
  for (auto i = 0; i < 1'100; ++i)
    names.push_back("r1-" + std::to_string(i));
  files->parts["r1#1"] = {part_with(names, true), part_with({"more"}, false)};
  file("r2#1", "r2", 1);
  api->on_status = [](const run_ref&) { return status_of(run_phase::done, 2); };
  start_with_readers(1);
  record_end(1, {"r1-0", "r1-1"}, 2);
  record_end(2, {"r2-0"}, 1);
  advance(1s);
  CHECK(api->polls.size() == 1);
  CHECK(files->opened == strings{"r1#1", "r2#1"});
  CHECK(files->parts_read == 2);
  CHECK(stages->committed.size() == 2);
  CHECK(delivered().size() == 1'101);
}

TEST_CASE_METHOD(download_fixture,
                 "a run whose file's address comes in a reply above "
                 "api.max_body is paged, or else set aside") {
  config.can_page = GENERATE(true, false);
  api->on_link = [](const link_order&) {
    link_reply reply;
    reply.verdict = read_as(read_outcome::too_large, "too large");
    return reply;
  };
  list(1, 1);
  start_with_readers();
  record_end(1, {"r1-0"}, 1);
  advance(1min);
  CHECK(is_aside(1) == !config.can_page);
  CHECK(fetches() == (config.can_page ? 1 : 0));
  CHECK(stages->committed.size() == 1);
  CHECK(boss->failures.empty());
}

// Downloads that fail because of the file server or of this machine.

#include "tests/actors/download_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(download_fixture,
                 "if captures cannot be paged, the pager waits ten minutes "
                 "for a failing file server and forever for this machine") {
  auto elsewhere = GENERATE(true, false);
  config.can_page = false;
  give_one_link();
  files->verdicts["f"] = read_as(read_outcome::retry, "no room");
  files->verdicts["f"].elsewhere = elsewhere;
  start_with_readers();
  record_end(1, {"a"}, 1);
  advance(9min);
  CHECK_FALSE(is_aside(1));
  advance(3min);
  CHECK(is_aside(1) == elsewhere);
  files->parts["f"] = {part_with({"a"}, false)};
  files->verdicts.clear();
  advance(2min);
  CHECK(delivered().size() == (elsewhere ? 0U : 1U));
}

TEST_CASE_METHOD(download_fixture,
                 "a failed link request or a file that arrives restarts a file "
                 "server's ten minutes") {
  auto comes = GENERATE(true, false);
  config.can_page = false;
  give_one_link();
  auto link = api->on_link;
  auto failure = read_as(read_outcome::retry, "answered 503");
  failure.elsewhere = true;
  files->verdicts["f"] = failure;
  files->parts["f"] = {page_failing(read_outcome::retry)};
  start_with_readers();
  record_end(1, {"a"}, 1);
  advance(9min);
  if (comes) {
    files->verdicts.clear(); // it opens, but its parts cannot be read
  } else {
    api->on_link = [](const link_order&) {
      link_reply reply;
      reply.verdict = read_as(read_outcome::retry, "no API");
      return reply;
    };
  }
  advance(2min);
  files->verdicts["f"] = failure;
  api->on_link = link;
  advance(9min);
  CHECK_FALSE(is_aside(1));
  advance(3min);
  CHECK(is_aside(1));
}

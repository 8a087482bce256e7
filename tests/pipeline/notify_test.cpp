#include "pipeline/notify.hpp"
#include "tests/support/json_view.hpp"
#include "tests/support/problems_since.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;

namespace {

using endings = std::vector<ending>;

const endings all{ending::done, ending::incomplete, ending::stopped,
                  ending::held};

account with_held(uint64_t urls) {
  account numbers;
  numbers.held = urls;
  return numbers;
}

} // namespace

TEST_CASE("each exit code is an ending and held batches are a separate one") {
  CHECK(endings_of({0, ""}, {}, all) == endings{ending::done});
  CHECK(endings_of({3, ""}, {}, all) == endings{ending::incomplete});
  for (auto code : {1, 2, 4, 5})
    CHECK(endings_of({code, "why"}, {}, all) == endings{ending::stopped});
  CHECK(endings_of({3, ""}, with_held(1), all)
        == endings{ending::incomplete, ending::held});
  CHECK(endings_of({4, ""}, with_held(1), all)
        == endings{ending::stopped, ending::held});
  account aside;
  aside.set_aside_runs = 1;
  CHECK(endings_of({3, ""}, aside, {ending::held}) == endings{ending::held});
}

TEST_CASE("an ending that was not selected is omitted") {
  CHECK(endings_of({0, ""}, {}, {ending::incomplete, ending::held}).empty());
  CHECK(endings_of({3, ""}, with_held(1), {ending::held, ending::done})
        == endings{ending::held});
}

TEST_CASE("a notice contains the output of status and how the job ended") {
  job_report report;
  report.job = "shoes";
  report.imported = true;
  report.context.unrecorded = 5;
  auto plain = report_json(report);
  auto text = notice_text(report, {4, "interrupted \"here\""},
                          {ending::held, ending::stopped});
  CHECK_THAT(text, Catch::StartsWith(plain.substr(0, plain.size() - 2)));
  CHECK_THAT(
    text, Catch::EndsWith(R"(,"ended":{"exit_code":4,)"
                          R"("reason":"interrupted \"here\"","unrecorded":5,)"
                          R"("on":["stopped","held"]}})"
                          "\n"));
  CHECK_THAT(notice_text(report, {0, ""}, {ending::done}),
             Catch::Contains(R"("ended":{"exit_code":0,"reason":null,)"
                             R"("unrecorded":5,"on":["done"]})"));
}

TEST_CASE(
  "a notice that cannot be delivered is a warning unless it was not wanted") {
  temp_folder folder;
  notify_settings wanted{{(folder / "missing").string()}, {ending::done}};
  auto before = recent_problems();
  notify_of_end(wanted, {}, {3, ""});
  CHECK(problems_since(before, "notify_failed").empty());
  notify_of_end(wanted, {}, {0, ""});
  CHECK(problems_since(before, "notify_failed").size() == 1);
}

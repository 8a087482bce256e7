// Held batches whose runs are found by what the API lists.

#include "tests/support/job_fixture.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace sluice;
using namespace sluice::test;

namespace {

/// Some replies are lost, including the first submit's. That submit created a
/// run the job does not know.
simulator_options forgetful(const std::string& list_runs) {
  auto options = brisk_options();
  options.lost_reply = 0.1;
  options.seed = 7;
  options.run_seconds = 20;
  options.list_runs = list_runs;
  return options;
}

struct forgetful_job : job_fixture {
  explicit forgetful_job(const std::string& list_runs)
      : job_fixture{forgetful(list_runs)} {
    write_config();
    write_urls(url_lines(400));
    std::ofstream{file("listing.yaml")}
      << "extends: extralt\n"
         "find: {path: /runs, items: [/items], id: [/_id], robot: [/robotId], "
         "urls: [/urls]}\n";
  }

  [[nodiscard]] program_result go() const {
    return run({"--set", "api.profile=./listing.yaml"});
  }
};

} // namespace

TEST_CASE("runs whose replies were lost are found by what they list") {
  auto list_runs = GENERATE(std::string{"urls"}, std::string{"ids"});
  forgetful_job job{list_runs};
  program_result result;
  // Three lost replies in a row stop the job, which can continue.
  for (auto round = 0; round < 10; ++round) {
    result = job.go();
    if (result.exit_code == 0)
      break;
  }
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(in_account(result.err, "captured") == 400);
  CHECK(in_stats(job.api(), "/faults/lost_reply") > 0);
  CHECK(in_stats(job.api(), "/runs_created_twice") == 0);
  CHECK(in_stats(job.api(), "/urls_submitted_twice") == 0);
  CHECK(job.captures().lines == 400);
}

TEST_CASE("held batches stay held without a list of runs") {
  forgetful_job job{"off"};
  auto result = job.go();
  INFO(result.err);
  CHECK((result.exit_code == 3 || result.exit_code == 4));
  CHECK(in_account(result.err, "held") > 0);
  CHECK(in_stats(job.api(), "/urls_submitted_twice") == 0);
}

TEST_CASE("resolve shows the runs that may belong to a held batch") {
  auto list_runs = GENERATE(std::string{"urls"}, std::string{"ids"});
  forgetful_job job{list_runs};
  auto result = job.run(); // its profile does not search for runs
  INFO(result.err);
  REQUIRE(in_account(result.err, "held") > 0);
  CHECK_THAT(job.call("resolve").out, !Catch::Contains("candidate"));
  program_result listed;
  // Replies are lost here too. A lost list is reported. If captures are lost,
  // their run shows no evidence yet.
  for (auto tries = 0; tries < 30; ++tries) {
    listed = job.call("resolve", {"--set", "api.profile=./listing.yaml"});
    CHECK(listed.exit_code == 0);
    if (listed.out.find("candidate: run ") != std::string::npos)
      break;
    if (!listed.err.empty())
      CHECK_THAT(listed.err, Catch::Contains("so no candidates are shown"));
  }
  INFO(listed.out << listed.err);
  CHECK_THAT(listed.out, Catch::Contains("candidate: run "));
  CHECK_THAT(listed.out, Catch::Contains("has exactly these URLs"));
  CHECK(in_stats(job.api(), "/urls_submitted_twice") == 0);
}

TEST_CASE(
  "runs of held batches are searched for even if the list has changed") {
  forgetful_job job{"off"};
  program_result result;
  for (auto round = 0; round < 10 && result.exit_code != 3; ++round)
    result = job.go();
  INFO(result.err);
  REQUIRE(result.exit_code == 3);
  REQUIRE(in_account(result.err, "held") > 0);
  job.write_urls("https://shop.example/new\n");
  auto again = job.go();
  INFO(again.err);
  CHECK(again.exit_code == 3);
  CHECK_THAT(again.err, Catch::Contains("lists_changed")
                          && Catch::Contains("job is continued"));
  CHECK(in_account(again.err, "captured")
        == in_account(result.err, "captured"));
  CHECK(in_stats(job.api(), "/urls_submitted_twice") == 0);
}

// Runs whose captures cannot be read: whole jobs against a simulator whose last
// pages are not JSON.

#include "tests/support/job_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace sluice;
using namespace sluice::test;

namespace {

/// Two of six runs with 20 URLs, too few to blame the API, have a last page
/// that is not JSON until 30 seconds after their end. This is longer than one
/// reading takes and shorter than two.
simulator_options damaged_api() {
  auto options = brisk_options();
  options.unreadable = 0.3;
  options.unreadable_seconds = 30 * options.speed;
  options.page_size = 8;
  options.seed = 2; // the second and the fifth run
  return options;
}

constexpr size_t urls = 120;

struct unreadable_job : job_fixture {
  unreadable_job() : job_fixture{damaged_api()} {
    write_config();
    write_urls(url_lines(urls));
  }

  /// The files of kept replies.
  [[nodiscard]] std::vector<std::filesystem::path> kept() const {
    std::vector<std::filesystem::path> result;
    for (auto& entry : std::filesystem::directory_iterator{file("")})
      if (entry.path().extension() == ".unreadable")
        result.push_back(entry.path());
    return result;
  }
};

bool each_once(const delivered& got) {
  return std::all_of(got.by_id.begin(), got.by_id.end(),
                     [](auto& entry) { return entry.second == 1; });
}

} // namespace

TEST_CASE(
  "a run that was set aside is read again and nothing is delivered twice",
  "[unreadable]") {
  unreadable_job job;
  auto first = job.run();
  INFO(first.err);
  REQUIRE(first.exit_code == 3);
  CHECK_THAT(first.err, Catch::Contains("run_set_aside"));
  CHECK_THAT(first.err, Catch::Contains("BATCH read-again"));
  // The last capture of each comes after the defect.
  auto runs = job.status_of("/urls/set_aside");
  REQUIRE(runs > 0);
  CHECK(job.kept().size() == runs);
  CHECK(job.status_of("/urls/captured") == urls - runs);
  CHECK(job.status_of("/runs/open") == 0);
  CHECK(job.captures().lines == urls - runs);
  CHECK(each_once(job.captures()));
  CHECK(lines_in(job.call("status", {"--list", "set_aside"}).out) == runs);

  auto listed = job.call("resolve");
  CHECK_THAT(listed.out, Catch::Contains("set aside"));
  CHECK_THAT(listed.out, Catch::Contains(job.kept().front().native()));
  CHECK(job.run().exit_code == 3);

  auto wanted = job.call("resolve", {"--all", "read-again"});
  CHECK(wanted.exit_code == 0);
  auto second = job.run();
  INFO(second.err);
  CHECK(second.exit_code == 0);
  CHECK(job.captures().lines == urls);
  CHECK(each_once(job.captures()));
  CHECK(in_stats(job.api(), "/runs_created") == 6);
}

TEST_CASE("a run with a page above api.max_body is set aside, and is read once "
          "the limit is higher",
          "[unreadable]") {
  auto options = brisk_options();
  options.capture_bytes = 4'000;
  job_fixture job{options};
  job.write_config();
  job.write_urls(url_lines(30)); // a run of 20 and one of 10
  auto limit = [](const std::string& bytes) {
    return std::vector<std::string>{"--set", "api.max_body=" + bytes};
  };
  auto first = job.run(limit("64KiB"));
  INFO(first.err);
  REQUIRE(first.exit_code == 3);
  CHECK_THAT(first.err, Catch::Contains("run_set_aside")
                          && Catch::Contains("raise api.max_body or lower")
                          && Catch::Contains("BATCH read-again"));
  CHECK(job.status_of("/urls/set_aside") == 20);
  CHECK(job.captures().lines == 10);
  CHECK_THAT(job.call("resolve").out, Catch::Contains("raise api.max_body"));

  CHECK(job.call("resolve", {"--all", "read-again"}).exit_code == 0);
  auto second = job.run(limit("1MiB"));
  INFO(second.err);
  CHECK(second.exit_code == 0);
  CHECK(job.captures().lines == 30);
  CHECK(each_once(job.captures()));
  CHECK(in_stats(job.api(), "/runs_created") == 2);
}

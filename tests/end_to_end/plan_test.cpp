// `sluice plan`: what a job will need, without sending anything.

#include "tests/support/job_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice::test;

TEST_CASE_METHOD(job_fixture,
                 "plan reports what a job will need and sends nothing") {
  write_config();
  write_urls(url_lines(95) + url_lines(5) + "ftp://no.example/\n");
  auto before = api().stats();
  auto plan = command();
  plan.arguments[0] = "plan";
  plan.arguments.insert(plan.arguments.end(),
                        {"--run-time", "30s", "--set", "runs.urls_per_run=10"});
  auto result = run_program(plan);
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(in_account(result.out, "records") == 101);
  CHECK(in_account(result.out, "invalid") == 1);
  CHECK(in_account(result.out, "duplicate") == 5);
  CHECK(in_account(result.out, "URLs") == 95);
  CHECK(in_account(result.out, "submits") == 10);
  CHECK(in_account(result.out, "polls") == 10);
  CHECK(in_account(result.out, "pages") == 10);
  CHECK_THAT(result.out, Catch::Contains("bound by"));
  CHECK(in_stats(api(), "/requests/submit") == 0);
  CHECK(in_stats(api(), "/requests/other") == 0);
  CHECK_FALSE(std::filesystem::exists(file("job.sluice")));
}

TEST_CASE_METHOD(
  job_fixture,
  "plan shows the URLs of each host with its robot, largest first") {
  write_config();
  write_urls("http://a.shop.example/1\nhttp://b.example/1\n"
             "http://A.shop.example/2\n");
  auto config = config_text();
  auto robot = config.find("robot: ");
  config.replace(robot, config.find_first_of(",}\n", robot) - robot,
                 "robot: {'*.shop.example': rbt_s, 'b.example': rbt_b}");
  fill(file("job.yaml"), config);
  auto result = call("plan");
  INFO(result.err);
  auto large = result.out.find("a.shop.example             2  robot rbt_s\n");
  auto small = result.out.find("b.example                  1  robot rbt_b\n");
  CHECK(large != std::string::npos);
  CHECK(small != std::string::npos);
  CHECK(large < small);
}

TEST_CASE_METHOD(job_fixture, "plan says how each list is read") {
  write_config();
  fill(file("prices.csv"), "Price;URL\n12;https://shop.example/1\n");
  auto told = call("plan", {"--set", "input.urls=[prices.csv]"});
  INFO(told.err);
  CHECK(told.exit_code == 0);
  CHECK_THAT(told.out, Catch::Contains("prices.csv: csv, separated by "
                                       "semicolons, URL in column 2 of 2 "
                                       "(URL)"));
  auto wrong = call("plan", {"--set", "input.urls=[prices.csv]", "--set",
                             "input.delimiter=comma"});
  CHECK(wrong.exit_code == 1);
  CHECK_THAT(wrong.err, Catch::Contains("input.delimiter: semicolon"));
}

TEST_CASE_METHOD(job_fixture,
                 "plan reports the actual time of a single small run") {
  write_config();
  write_urls(url_lines(10));
  auto plan = call("plan", {"--set", "runs.urls_per_run=100"}).out;
  CHECK_THAT(plan, Catch::Contains("600 ms  the time of 1 run over 10 slots"));
  CHECK_THAT(plan, Catch::Contains("6.0 s  the longest; a full one is assumed "
                                   "to take 1 min 00 s: see --run-time"));
}

TEST_CASE_METHOD(job_fixture, "plan names every missing list") {
  write_config();
  auto config = config_text();
  config.replace(config.find("[urls.txt]"), 10, "[none-*.csv, nofile.txt]");
  fill(file("job.yaml"), config);
  auto result = call("plan");
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Catch::Contains("none-*.csv matches no file")
                           && Catch::Contains("there is no file "
                                              + file("nofile.txt").string()));
}

TEST_CASE_METHOD(
  job_fixture,
  "plan advises downloads with a figure if pages take the most time") {
  write_config();
  write_urls(url_lines(10'000));
  auto plan = [&](std::vector<std::string> more) {
    more.insert(more.end(),
                {"--page-size", "5", "--set", "runs.urls_per_run=100", "--set",
                 "api.requests_per_minute=120"});
    return call("plan", more).out;
  };
  auto paged = plan({});
  CHECK(in_account(paged, "pages") == 2'000);
  CHECK_THAT(paged,
             Catch::Contains("captures.fetch: download  takes 10 min 00 s "
                             "instead of 18 min 05 s"));
  auto as_files = plan({"--set", "captures.fetch=download"});
  CHECK(in_account(as_files, "downloads") == 100);
  CHECK_THAT(as_files, !Catch::Contains("captures.fetch: "));
}

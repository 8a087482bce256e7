#include "pipeline/report/rounds_text.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

settings config_with(double credits_per_unit) {
  auto profile = std::make_shared<api_profile>();
  profile->credits_per_unit = credits_per_unit;
  settings config;
  config.api.profile = profile;
  return config;
}

} // namespace

TEST_CASE("each round has a line with its results") {
  CHECK(rounds_text({}).empty());
  round_report first;
  first.urls = 1'400;
  first.captured = 1'380;
  first.missing = 15;
  first.failed = 5;
  first.runs = 14;
  first.captures = 1'381;
  round_report retry;
  retry.number = 1;
  retry.begun_at_ms = 1'796'033'160'000;
  retry.taken = {1, 0, 0};
  retry.urls = 1;
  retry.pending = 1;
  CHECK(rounds_text({first, retry})
        == "Rounds\n"
           "  first                1,400  URLs: 1,380 captured, 15 missing, 5 "
           "failed; 14 runs, 1,381 captures\n"
           "  retry 1                  1  URL (1 missing) from 2026-11-30 at "
           "10:06 UTC: 1 pending; 0 runs, 0 captures\n");
}

TEST_CASE("a retry is reported in one line with its price") {
  CHECK(retry_text({}, {true, true, true}, {{1'015, 5, 1}}, config_with(2))
        == "Submits 1,021 URLs again (1,015 missing, 5 failed, 1 rejected) and "
           "buys them again: at most 2,042 credits.\n");
  CHECK(retry_text({}, {false, true, false}, {{0, 1, 0}}, config_with(1))
        == "Submits 1 URL again (1 failed) and buys it again: at most 1 "
           "credit.\n");
  CHECK(retry_text({}, {true, true, true}, {}, config_with(1))
        == "Nothing is submitted again: no URL of a finished round is missing, "
           "failed or rejected.\n");
  CHECK(retry_text({}, {true, false, true}, {}, config_with(1))
        == "Nothing is submitted again: no URL of a finished round is missing "
           "or rejected.\n");
  CHECK(retry_text({}, {}, {}, config_with(1)).empty());
}

TEST_CASE("the price of a retry depends on the budget and the rule for runs") {
  auto config = config_with(1);
  auto price = [&](const retry_counts& taken) {
    return retry_text({}, {true, true, true}, {taken}, config);
  };
  config.runs.urls_per_run = 10;
  config.runs.retry_missing = 2;
  CHECK_THAT(price({20, 0, 0}), Catch::Contains("at most 60 credits"));
  config.runs.retry_missing = 0;
  config.runs.budget = run_settings::budget_rule::number;
  config.runs.budget_number = 100;
  CHECK_THAT(price({20, 0, 0}), Catch::Contains("at most 200 credits"));
  CHECK_THAT(price({10, 11, 0}), Catch::Contains("at most 300 credits"));
  CHECK_THAT(price({20, 0, 3}), Catch::Contains("at most 500 credits"));
  config.runs.robots.by_host["shop.example"] = "rbt_2";
  CHECK_THAT(price({20, 0, 0}), Catch::Contains("at most 300 credits"));
  CHECK_THAT(price({1, 0, 0}), Catch::Contains("at most 100 credits"));
  config.runs.budget = run_settings::budget_rule::none;
  CHECK_THAT(price({20, 0, 0}), Catch::Contains("unlimited credits"));
}

TEST_CASE("missing URLs that may have been delivered are reported") {
  CHECK_THAT(
    retry_text({}, {true, false, false}, {{20, 0, 0}, 12}, config_with(1)),
    Catch::Contains("at most 20 credits.\n12 of the missing URLs are in runs "
                    "that delivered captures of other URLs"));
}

TEST_CASE("a retry that continues is reported with its remaining price") {
  round_report first;
  first.pending = 7;
  round_report over;
  over.number = 1;
  round_report open;
  open.number = 2;
  open.pending = 20;
  auto goes_on =
    std::string{"Retry 2 continues: 20 of its URLs are pending; at "
                "most 40 credits.\n"};
  auto config = config_with(2);
  CHECK(retry_text({first, over, open}, {}, {}, config) == goes_on);
  CHECK(retry_text({first, over, open}, {true, true, false}, {}, config)
        == goes_on
             + "No further URL is submitted again: no URL of a finished round "
               "is missing or failed.\n");
  CHECK(
    retry_text({first, over, open}, {true, false, false}, {{3, 0, 0}}, config)
    == goes_on
         + "Submits 3 URLs again (3 missing) and buys them again: at most "
           "6 credits.\n");
}

TEST_CASE("the limit of a start is printed with the price of a retry") {
  auto told = [config = config_with(1)](const std::vector<round_report>& before,
                                        const retry_counts& taken) {
    return retry_text(before, {true, false, false}, {taken}, config, 5);
  };
  auto limit = std::string{"This start submits at most 5 URLs (--limit).\n"};
  round_report open;
  open.number = 1;
  open.pending = 20;
  CHECK(told({}, {20, 0, 0})
        == "Submits 20 URLs again (20 missing) and buys them again: at most 20 "
           "credits.\n"
             + limit);
  CHECK_THAT(told({open}, {}),
             Catch::Contains("at most 20 credits") && Catch::EndsWith(limit));
  CHECK_THAT(told({}, {}), !Catch::Contains("--limit"));
}

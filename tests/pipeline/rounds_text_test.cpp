#include "pipeline/rounds_text.hpp"

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

TEST_CASE("each round has a line with what it brought") {
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

TEST_CASE("what is bought again is told in one line") {
  CHECK(retry_text({1'015, 5, 1}, {true, true, true}, config_with(2))
        == "Submits 1,021 URLs again (1,015 missing, 5 failed, 1 rejected) and "
           "buys them again: about 2,042 credits.\n");
  CHECK(retry_text({0, 1, 0}, {false, true, false}, config_with(1))
        == "Submits 1 URL again (1 failed) and buys it again: about 1 "
           "credit.\n");
  CHECK(retry_text({}, {true, true, true}, config_with(1))
        == "Nothing is submitted again: no URL of a finished round is missing, "
           "failed or rejected.\n");
  CHECK(retry_text({}, {true, false, true}, config_with(1))
        == "Nothing is submitted again: no URL of a finished round is missing "
           "or rejected.\n");
}

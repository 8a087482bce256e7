#include "pipeline/why_text.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace std::chrono_literals;

TEST_CASE("the table names what time went to, the most first, in per cent") {
  CHECK(why_text({180ms, 0ms, 200ms, 0ms, 0ms, 620ms})
        == "Where the time went\n"
           "  requests               62%  none of these: requests in flight, "
           "sluice's own work\n"
           "  runs                   20%  nothing was left to submit: the last "
           "runs\n"
           "  tokens                 18%  requests waited for tokens: the rate "
           "limit\n");
}

TEST_CASE("without any time there is no table") {
  CHECK(why_text({}).empty());
}

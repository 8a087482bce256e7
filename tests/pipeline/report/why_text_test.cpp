#include "pipeline/report/why_text.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace std::chrono_literals;

TEST_CASE("the table lists the causes by their share of the time in per cent") {
  CHECK(why_text({180ms, 0ms, 200ms, 0ms, 0ms, 620ms})
        == "Where the time went\n"
           "  requests               62%  none of these: requests in flight, "
           "sluice's own work\n"
           "  runs                   20%  nothing was left to submit: the last "
           "runs\n"
           "  tokens                 18%  requests waited for tokens: the rate "
           "limit\n");
}

TEST_CASE("the other jobs at the rate limit are named and escaped") {
  CHECK(others_text({{"/a/b.yaml", 1}, {"/c\n.yaml", 2}})
        == "The rate limit is shared with\n"
           "  /a/b.yaml\n"
           "  /c\\x0a.yaml\n");
  CHECK(others_text({}).empty());
}

TEST_CASE("no table is printed if no time was spent") {
  CHECK(why_text({}).empty());
}

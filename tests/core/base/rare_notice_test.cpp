#include "core/base/rare_notice.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace std::chrono_literals;

TEST_CASE("a repeated event is reported at once, then rarely") {
  rare_notice notice;
  time_point start{1h};
  CHECK(notice.happened(start));
  CHECK_FALSE(notice.happened(start));
  CHECK_FALSE(notice.happened(start + 59s));
  CHECK(notice.happened(start + 60s));
  CHECK_FALSE(notice.happened(start + 119s));
  CHECK(notice.happened(start + 10min));
}

TEST_CASE("the end is reported once, and only after a notice") {
  rare_notice notice;
  time_point start{1h};
  CHECK_FALSE(notice.ended());
  CHECK(notice.happened(start));
  CHECK(notice.ended());
  CHECK_FALSE(notice.ended());
  // A notice soon afterwards is suppressed, and so is its end.
  CHECK_FALSE(notice.happened(start + 1s));
  CHECK_FALSE(notice.ended());
}

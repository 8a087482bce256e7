#include "core/db/sqlstate.hpp"

#include <catch2/catch.hpp>

using namespace sluice::postgres;

TEST_CASE("an SQLSTATE says whether to wait, to set a row aside or to stop",
          "[postgres]") {
  for (const auto* state : {"", "08006", "25P03", "25006", "40001", "40P01",
                            "53100", "53300", "55P03", "57P01", "57P03"}) {
    CAPTURE(state);
    CHECK(trouble_of(state) == trouble::unavailable);
  }
  for (const auto* state : {"22P02", "22021", "23505", "23503", "44000",
                            "54000", "54001", "P0001"}) {
    CAPTURE(state);
    CHECK(trouble_of(state) == trouble::bad_row);
  }
  for (const auto* state : {"42P01", "42501", "28P01", "3D000", "0A000",
                            "22P04", "25P02", "40002", "XX000", "5"}) {
    CAPTURE(state);
    CHECK(trouble_of(state) == trouble::lasting);
  }
}

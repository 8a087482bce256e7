#include "core/db/postgres_names.hpp"

#include <catch2/catch.hpp>

using namespace sluice::postgres;

TEST_CASE("a name is quoted, so that it stands for itself", "[postgres]") {
  CHECK(quote_name("a") == R"("a")");
  CHECK(quote_name(R"(a"; DROP TABLE t; --)") == R"("a""; DROP TABLE t; --")");
}

TEST_CASE("a table's name is split at the first dot", "[postgres]") {
  CHECK(read_table_name("captures").sql() == R"("captures")");
  CHECK(read_table_name("shop.captures").sql() == R"("shop"."captures")");
  CHECK(read_table_name("a.b.c").sql() == R"("a"."b.c")");
  CHECK(read_table_name("shop.captures").beside("x").sql() == R"("shop"."x")");
  CHECK(read_table_name("captures").beside("x").sql() == R"("x")");
}

TEST_CASE("what PostgreSQL would cut or cannot hold is not a name",
          "[postgres]") {
  CHECK(is_name(std::string(63, 'a')));
  CHECK(is_name("Größe"));
  CHECK_FALSE(is_name(std::string(64, 'a')));
  CHECK_FALSE(is_name(""));
  CHECK_FALSE(is_name("a\nb"));
  CHECK_FALSE(is_name("a\xFF"));
  CHECK_FALSE(is_name(std::string_view{"a\0b", 3}));
}

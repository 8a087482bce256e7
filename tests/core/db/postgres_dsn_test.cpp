#include "core/base/secrets.hpp"
#include "core/db/postgres_dsn.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using postgres::dsn;

TEST_CASE("a DSN is read in both of its forms", "[postgres]") {
  for (const auto* text : {"postgresql://ann:pw-9f%2F31x@db.example:6432/shop",
                           "host=db.example port=6432 user=ann dbname=shop "
                           "password=pw-9f/31x"}) {
    auto where = dsn::read(text);
    REQUIRE(where);
    CHECK(where->value("host") == "db.example");
    CHECK(where->value("port") == "6432");
    CHECK(where->value("password") == "pw-9f/31x");
    CHECK(where->name() == "'db.example', database 'shop'");
  }
  CHECK(mask_secrets("it says pw-9f/31x") == "it says ***");
}

TEST_CASE("a DSN that cannot be read is not shown", "[postgres]") {
  for (const auto& text :
       {std::string{"postgresql://ann:hunter%zz2@db/shop"},
        std::string{"password='hunter2 is not closed"}, std::string{"hunter2"},
        std::string{"host=a\0hunter2", 14}}) {
    auto where = dsn::read(text);
    REQUIRE_FALSE(where);
    CHECK(code_of(where.error()) == ec::usage);
    CHECK(what_of(where.error()).find("hunter") == std::string::npos);
  }
}

TEST_CASE("each host of a DSN has its own address and port", "[postgres]") {
  auto where = dsn::read("postgresql://ann@a:1,b:2/shop");
  REQUIRE(where);
  auto hosts = where->hosts();
  REQUIRE(hosts.size() == 2);
  CHECK(hosts[0].value("host") == "a");
  CHECK(hosts[0].value("port") == "1");
  CHECK(hosts[1].value("host") == "b");
  CHECK(hosts[1].value("port") == "2");
  CHECK(hosts[1].value("user") == "ann");

  auto one_port = dsn::read("host=a,b,c port=7");
  REQUIRE(one_port);
  REQUIRE(one_port->hosts().size() == 3);
  CHECK(one_port->hosts()[2].value("port") == "7");

  // Left to libpq, which refuses it.
  auto odd = dsn::read("host=a,b,c port=7,8");
  REQUIRE(odd);
  CHECK(odd->hosts().size() == 1);
}

TEST_CASE("only a server on another machine needs a checked certificate",
          "[postgres]") {
  for (const auto* host :
       {"", "/run/postgresql", "@abstract", "localhost", "127.0.0.1", "::1"})
    CHECK_FALSE(postgres::is_exposed(host, "prefer"));
  for (const auto* mode : {"", "disable", "require", "verify-ca"})
    CHECK(postgres::is_exposed("db.example", mode));
  CHECK_FALSE(postgres::is_exposed("db.example", "verify-full"));
}

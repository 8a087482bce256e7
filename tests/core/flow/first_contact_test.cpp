#include "core/flow/first_contact.hpp"
#include "tests/core/flow/start.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

TEST_CASE("an unreachable address is given up after a while") {
  first_contact contact;
  CHECK_FALSE(contact.failed(start, true, 30s));
  CHECK_FALSE(contact.failed(start + 29s, true, 30s));
  CHECK(contact.failed(start + 30s, true, 30s));
}

TEST_CASE("a failure that may be temporary is waited out") {
  first_contact contact;
  CHECK_FALSE(contact.failed(start, true, 30s));
  CHECK_FALSE(contact.failed(start + 10s, false, 30s));
  CHECK_FALSE(contact.failed(start + 1h, false, 30s));
  CHECK_FALSE(contact.failed(start + 2h, true, 30s));
  CHECK(contact.failed(start + 2h + 30s, true, 30s));
}

TEST_CASE("a job waits for an API that has answered once") {
  first_contact contact;
  contact.answered();
  CHECK_FALSE(contact.failed(start, true, 30s));
  CHECK_FALSE(contact.failed(start + 24h, true, 30s));
}

TEST_CASE("a job waits for an API that an earlier process has reached") {
  first_contact contact{true};
  CHECK_FALSE(contact.failed(start, true, 30s));
  CHECK_FALSE(contact.failed(start + 24h, true, 30s));
}

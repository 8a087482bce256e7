#include "core/api/submit_proof.hpp"
#include "core/api/submit_request.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <set>

using namespace sluice;

namespace {

api_profile idempotent() {
  api_profile profile;
  profile.base = "https://api.example/v1";
  profile.submit.path = "/runs";
  profile.submit.body =
    R"({"robot":"${robot}","urls":"${urls}","n":"${budget?}"})";
  profile.submit.idempotency =
    idempotency_dialect{"Idempotency-Key", std::chrono::hours{24}};
  return profile;
}

submit_order an_order() {
  auto urls = std::make_shared<url_table>();
  *urls =
    std::vector<std::string>{"https://s.example/1", "https://s.example/2"};
  submit_order order;
  order.urls = urls;
  order.robot = "rbt_1";
  order.budget = 2;
  return order;
}

const secret api_key = [] { return caf::expected<std::string>{"sk_1"}; };

submit_ticket ticket_for(const api_profile& profile) {
  auto ticket = new_ticket(profile, an_order(), api_key, 1'234);
  REQUIRE(ticket);
  return *ticket;
}

sha256_digest hash_with(const api_profile& profile, submit_order order,
                        const submit_ticket& ticket,
                        const std::string& key = "sk_1") {
  order.ticket = ticket;
  auto request = submit_request(profile, order, key);
  REQUIRE(request);
  return hash_of(*request);
}

} // namespace

TEST_CASE("an idempotency key is a random UUID of version 4") {
  std::set<std::string> seen;
  for (auto i = 0; i < 1'000; ++i) {
    auto uuid = random_uuid();
    REQUIRE(uuid);
    REQUIRE(uuid->size() == 36);
    for (size_t at = 0; at < uuid->size(); ++at) {
      auto c = (*uuid)[at];
      if (at == 8 || at == 13 || at == 18 || at == 23)
        REQUIRE(c == '-');
      else
        REQUIRE(std::string_view{"0123456789abcdef"}.find(c)
                != std::string_view::npos);
    }
    CHECK((*uuid)[14] == '4');
    CHECK(std::string_view{"89ab"}.find((*uuid)[19]) != std::string_view::npos);
    seen.insert(*uuid);
  }
  CHECK(seen.size() == 1'000);
}

TEST_CASE("a ticket matches a request built again from the same order") {
  auto profile = idempotent();
  auto ticket = ticket_for(profile);
  CHECK(ticket.first_sent_at_ms == 1'234);
  CHECK(hash_with(profile, an_order(), ticket) == ticket.hash);
  auto order = an_order();
  order.ticket = ticket;
  auto request = submit_request(profile, order, "sk_1");
  REQUIRE(request);
  CHECK(request->headers[0]
        == std::pair<std::string, std::string>{"Idempotency-Key", ticket.key});
}

TEST_CASE("a ticket does not match a request that differs in any part") {
  auto profile = idempotent();
  auto ticket = ticket_for(profile);
  auto order = an_order();
  SECTION("the budget") {
    order.budget.reset();
  }
  SECTION("the robot") {
    order.robot = "rbt_2";
  }
  SECTION("a member of the body") {
    profile.submit.body = R"({"robot":"${robot}","urls":"${urls}","x":1})";
  }
  SECTION("the address") {
    profile.submit.path = "/v2/runs";
  }
  SECTION("the header for the key") {
    profile.submit.idempotency->header = "X-Idempotency-Key";
  }
  SECTION("another header") {
    profile.submit.headers = {{"X-Team", "a"}};
  }
  SECTION("the key itself") {
    ticket.key[0] ^= 1;
  }
  CHECK(hash_with(profile, order, ticket) != ticket.hash);
}

TEST_CASE("a ticket does not match another account") {
  auto profile = idempotent();
  auto ticket = ticket_for(profile);
  CHECK(hash_with(profile, an_order(), ticket, "sk_2") != ticket.hash);
}

TEST_CASE("requests have different hashes even if only the boundaries "
          "between their parts differ") {
  http_request one, other;
  one.headers = {{"ab", "c"}};
  other.headers = {{"a", "bc"}};
  CHECK(hash_of(one) != hash_of(other));
  one.headers = {{"a", "1"}, {"b", "2"}};
  other.headers = {{"a", "1"}};
  other.body = "1:b1:2";
  CHECK(hash_of(one) != hash_of(other));
}

TEST_CASE("no ticket is made without the API key") {
  const secret broken = [] {
    return caf::expected<std::string>{make_error(ec::usage, "no key")};
  };
  auto ticket = new_ticket(idempotent(), an_order(), broken, 1);
  REQUIRE_FALSE(ticket);
  CHECK(what_of(ticket.error()) == "no key");
}

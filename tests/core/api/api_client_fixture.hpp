// An API client and a server that answers it as a test specifies.

#pragma once

#include "core/api/api_client.hpp"
#include "core/api/submit_request.hpp"
#include "core/model/url_table.hpp"
#include "tests/core/input/list_fixture.hpp"
#include "tests/support/dead_listener.hpp"
#include "tests/support/scripted_server.hpp"

#include <catch2/catch.hpp>

#include <thread>

namespace sluice::test {

using namespace std::chrono_literals;

inline std::shared_ptr<const url_table> table_of(std::string_view url) {
  return std::make_shared<const url_table>(url_table{url});
}

using then = scripted_reply::then;
using kind = pagination::kind;

inline constexpr auto the_key = "sk_live_1/secret";

inline api_profile extralt(const std::string& base) {
  api_profile profile;
  profile.base = base;
  profile.error = {"/message", "/error"};
  profile.submit.path = "/runs";
  profile.submit.body =
    R"({"robotId":"${robot}","urls":"${urls}","budget":"${budget?}"})";
  profile.submit.ok = {200, 201, 202};
  profile.submit.safe = {503};
  profile.submit.id = {"/_id", "/id"};
  profile.status.path = "/runs/${id}";
  profile.status.state = {"/status"};
  profile.status.active = {"running"};
  profile.status.done = {"completed"};
  profile.status.extracted = {"/extractedCount"};
  profile.status.save = {{"ds", "/dataset"}};
  profile.results.path = "/captures";
  profile.results.query = {{"runId", "${id}"}};
  profile.results.items = {"/items", ""};
  profile.results.item_id = {"/_id"};
  profile.results.item_url = {"/url"};
  profile.results.not_ready = {204};
  profile.results.page.by = kind::cursor;
  profile.results.page.param = "cursor";
  profile.results.page.next = {"/nextCursor"};
  return profile;
}

/// A client and the server it talks to.
struct api_client_fixture {
  explicit api_client_fixture(std::vector<connection_script> scripts)
      : server{std::move(scripts)}, profile{extralt(server.base())} {}

  api_client& client() {
    if (!made)
      made.emplace(
        api_options{.profile = std::make_shared<const api_profile>(profile),
                    .key =
                      [this] {
                        ++key_uses;
                        return caf::expected<std::string>{key};
                      },
                    .timeout = timeout,
                    .max_body = max_body,
                    .proxy = {},
                    .ca_file = {}});
    return *made;
  }

  submit_reply submit() {
    return client().submit({table_of("https://s.example/1"), "rbt_1", 1});
  }

  /// The same order with a new ticket, for a profile that supports idempotency
  /// keys.
  submit_order order_with_ticket() {
    profile.submit.idempotency =
      idempotency_dialect{"Idempotency-Key", std::chrono::hours{1}};
    submit_order order{table_of("https://s.example/1"), "rbt_1", 1};
    auto made_for = [this] { return caf::expected<std::string>{key}; };
    auto ticket = new_ticket(profile, order, made_for, 1);
    REQUIRE(ticket);
    order.ticket = *ticket;
    return order;
  }

  scripted_server server;
  api_profile profile;
  size_t max_body = 1 << 20;
  std::chrono::milliseconds timeout = 20s;
  int key_uses = 0;
  std::string key = the_key;
  std::optional<api_client> made;
};

inline connection_script one(std::string bytes) {
  return {{std::move(bytes)}};
}

inline std::string refusal(int status, const std::string& message) {
  return http_text(status, R"({"error":"E","message":")" + message + "\"}");
}

inline const auto authorization = "Authorization: Bearer sk_live_1/secret\r\n";

} // namespace sluice::test

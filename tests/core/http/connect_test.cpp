#include "core/http/connect.hpp"
#include "tests/support/dead_listener.hpp"
#include "tests/support/scripted_server.hpp"

#include <catch2/catch.hpp>

#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

using clock = std::chrono::steady_clock;

socket_address of_family(sa_family_t family, uint16_t port) {
  socket_address address;
  address.data.ss_family = family;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.data);
  v4->sin_port = port;
  address.size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  return address;
}

socket_address v4(uint16_t port) {
  return of_family(AF_INET, port);
}

socket_address v6(uint16_t port) {
  return of_family(AF_INET6, port);
}

resolver fixed(address_list addresses) {
  return [addresses](const std::string&, uint16_t) { return addresses; };
}

/// The port of the peer, or 0 if there is no connection.
uint16_t peer_of(const caf::expected<file_descriptor>& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (!socket
      || getpeername(socket->get(), reinterpret_cast<sockaddr*>(&address),
                     &size)
           != 0)
    return 0;
  return ntohs(address.sin_port);
}

} // namespace

TEST_CASE("addresses are tried with alternating families") {
  CHECK(connect_order({}, nullptr).empty());
  CHECK(connect_order({v6(1), v6(2), v6(3), v4(4), v4(5)}, nullptr)
        == address_list{v6(1), v4(4), v6(2), v4(5), v6(3)});
  CHECK(connect_order({v4(1), v4(2)}, nullptr) == address_list{v4(1), v4(2)});
}

TEST_CASE("the address that worked last is tried first if it is still listed") {
  auto proven = v4(5);
  CHECK(connect_order({v6(1), v6(2), v4(4), v4(5)}, &proven)
        == address_list{v4(5), v6(1), v4(4), v6(2)});
  proven = v4(9);
  CHECK(connect_order({v6(1), v4(4)}, &proven) == address_list{v6(1), v4(4)});
}

TEST_CASE("the number of addresses tried is limited") {
  address_list many(1000, v4(1));
  CHECK(connect_order(many, nullptr).size() == max_addresses);
}

TEST_CASE("each address gets a share of the remaining time") {
  CHECK(connect_stagger(1, 30s) == 250ms);
  CHECK(connect_stagger(4, 1s) == 200ms);
  CHECK(connect_stagger(16, 30s) == 250ms);
  CHECK(connect_stagger(16, 100ms) == 10ms);
  CHECK(connect_stagger(0, -1s) == 10ms);
}

TEST_CASE("the first address that answers gets the connection") {
  dead_listener dead, deaf;
  scripted_server server{{{}, {}}};
  auto live = loopback(server.port());
  auto closed = loopback(unused_port());
  for (const auto& addresses :
       {address_list{live}, address_list{dead.address(), live},
        address_list{closed, live}, address_list{live, dead.address()},
        address_list{dead.address(), closed, deaf.address(), live}}) {
    connector connecting{fixed(addresses)};
    stop_switch stop;
    auto socket = connecting.connect("api.test", 80, clock::now() + 20s, stop);
    CHECK(peer_of(socket) == server.port());
  }
}

TEST_CASE("no connection is made if no address answers") {
  dead_listener dead;
  auto closed = loopback(unused_port());
  auto begin = clock::now();
  for (const auto& addresses :
       {address_list{}, address_list{closed}, address_list{dead.address()},
        address_list{dead.address(), closed}}) {
    connector connecting{fixed(addresses)};
    stop_switch stop;
    CHECK_FALSE(connecting.connect("api.test", 80, clock::now() + 100ms, stop));
  }
  CHECK(clock::now() - begin < 10s);
}

TEST_CASE("an address that gave a reply goes first until it fails to reply") {
  scripted_server first{{}}, second{{}};
  address_list addresses{loopback(second.port())};
  connector connecting{[&](const std::string&, uint16_t) { return addresses; }};
  auto next = [&](const std::string& host) {
    stop_switch stop;
    return peer_of(connecting.connect(host, 80, clock::now() + 20s, stop));
  };
  CHECK(next("api.test") == second.port());
  addresses.insert(addresses.begin(), loopback(first.port()));
  CHECK(next("api.test") == first.port());
  connecting.judge_last(false);
  addresses.erase(addresses.begin());
  CHECK(next("api.test") == second.port());
  connecting.judge_last(true);
  addresses.insert(addresses.begin(), loopback(first.port()));
  CHECK(next("api.test") == second.port());
  CHECK(next("other.test") == first.port());
  CHECK(next("api.test") == second.port());
  connecting.judge_last(false);
  CHECK(next("api.test") == first.port());
}

TEST_CASE("a stop ends connecting at once and for good") {
  dead_listener dead;
  std::atomic<bool> begun{false};
  connector connecting{[&](const std::string&, uint16_t) {
    begun = true;
    return address_list{dead.address()};
  }};
  stop_switch stop;
  std::thread stopper{[&] {
    while (!begun)
      std::this_thread::yield();
    stop.cut();
  }};
  auto begin = clock::now();
  CHECK_FALSE(connecting.connect("api.test", 80, begin + 1h, stop));
  stopper.join();
  CHECK_FALSE(connecting.connect("api.test", 80, begin + 1h, stop));
  CHECK(clock::now() - begin < 10s);
}

TEST_CASE("a name that does not exist differs from a failed look-up") {
  for (auto code : {ec::usage, ec::unavailable}) {
    connector connecting{
      [&](const std::string&, uint16_t) -> caf::expected<address_list> {
        return make_error(code, "why");
      }};
    stop_switch stop;
    auto socket = connecting.connect("api.test", 80, clock::now() + 20s, stop);
    REQUIRE_FALSE(socket);
    CHECK(code_of(socket.error()) == code);
    CHECK(what_of(socket.error()) == "why");
  }
}

TEST_CASE("the system's resolver returns addresses with the port") {
  auto found = resolve_name("127.0.0.1", 4711);
  REQUIRE(found);
  CHECK(*found == address_list{loopback(4711)});
  CHECK_FALSE(resolve_name("name.invalid", 80));
}

#include "simulator/server_bucket.hpp"

#include <catch2/catch.hpp>

using namespace sluice::sim;
using namespace std::chrono_literals;

namespace {

/// How many of `tries` requests at `now` get a token.
int taken(server_bucket& bucket, int tries, sim_time now) {
  int count = 0;
  for (int i = 0; i < tries; ++i)
    count += bucket.take(now) ? 1 : 0;
  return count;
}

} // namespace

TEST_CASE("a full bucket serves exactly its burst") {
  server_bucket bucket{120, 30};
  CHECK(taken(bucket, 100, 0s) == 30);
}

TEST_CASE("120 a minute is one token each half second") {
  server_bucket bucket{120, 30};
  CHECK(taken(bucket, 30, 0s) == 30);
  CHECK(taken(bucket, 5, 499ms) == 0);
  CHECK(taken(bucket, 5, 500ms) == 1);
  CHECK(taken(bucket, 5, 2s) == 3);
}

TEST_CASE("a bucket never exceeds its burst") {
  server_bucket bucket{120, 30};
  CHECK(taken(bucket, 30, 0s) == 30);
  CHECK(taken(bucket, 100, 15s) == 30);
  CHECK(taken(bucket, 100, 24h) == 30);
}

TEST_CASE("many small refills lose no token") {
  server_bucket bucket{120, 1};
  CHECK(taken(bucket, 1, 0s) == 1);
  int count = 0;
  for (auto now = 1ms; now <= 60s; now += 1ms)
    count += bucket.take(now) ? 1 : 0;
  CHECK(count == 120);
}

TEST_CASE("a time before the previous one adds no tokens") {
  server_bucket bucket{60, 1};
  CHECK(bucket.take(10s));
  CHECK_FALSE(bucket.take(5s));
  CHECK_FALSE(bucket.take(10s));
  CHECK(bucket.take(11s));
}

TEST_CASE("a rate of 0 means no limit") {
  server_bucket bucket{0, 0};
  CHECK(taken(bucket, 1000, 0s) == 1000);
}

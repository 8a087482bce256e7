#include "pipeline/serve/watched_bucket.hpp"
#include "pipeline/serve/watched_sink.hpp"
#include "tests/support/pages.hpp"
#include "tests/support/recording_sink.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

TEST_CASE("a watched sink behaves like the sink inside it and reports on it") {
  auto record = std::make_shared<sink_record>();
  record->write_errors.push_back(make_error(ec::unavailable, "it is down"));
  watched_sink sink{"all", std::make_shared<recording_sink>(record)};
  CHECK_FALSE(sink.open(std::nullopt));
  auto page = page_of(1, {"{}", "{}"});
  CHECK(code_of(sink.write(page)) == ec::unavailable);
  CHECK(sink.snapshot().waits);
  CHECK(sink.snapshot().reason == "it is down");
  CHECK(sink.snapshot().failures == 1);
  CHECK(sink.snapshot().captures == 0);
  CHECK_FALSE(sink.write(page));
  auto seen = sink.snapshot();
  CHECK_FALSE(seen.waits);
  CHECK(seen.reason.empty());
  CHECK(seen.captures == 2);
  CHECK(seen.committed == 0);
  CHECK(lag_of(seen, 7) == 5);
  CHECK(lag_of(seen, 1) == 0);
  CHECK(seen.write_seconds.histogram.sample_count == 2);
  auto position = sink.checkpoint();
  REQUIRE(position);
  CHECK(*position == "2");
  CHECK(sink.snapshot().committed == 2);
  CHECK_FALSE(sink.close());
  CHECK(record->calls
        == std::vector<std::string>{"open", "write 1", "write 1", "checkpoint",
                                    "close"});
}

TEST_CASE("a watched bucket shows its tokens over time") {
  auto start = time_point{} + 1h;
  bucket_state state;
  state.level = 10;
  state.at = start;
  bucket_limits limits;
  limits.per_second = 2;
  limits.burst = 30;
  limits.freeze = 15s;
  watched_bucket bucket{make_memory_bucket_store(state), limits};
  CHECK_FALSE(bucket.snapshot(start));
  CHECK_FALSE(bucket.update([](bucket_state&) {}));
  CHECK(bucket.snapshot(start)->tokens == 10);
  CHECK(bucket.snapshot(start + 5s)->tokens == 20);
  CHECK(bucket.snapshot(start + 1h)->tokens == 30);
  CHECK(bucket.snapshot(start)->per_minute == 120);
  CHECK(bucket.snapshot(start)->frozen_seconds == 0);
  CHECK_FALSE(bucket.update([&](bucket_state& held) {
    token_bucket tokens{limits, held};
    CHECK_FALSE(tokens.take(start));
    tokens.on_reply(bucket_reply::refused, start, start + 1s, 0s);
    held = tokens.state();
  }));
  CHECK(bucket.snapshot(start + 2s)->frozen_seconds == Approx(14));
  limits.per_second = 0;
  watched_bucket unlimited{make_memory_bucket_store(state), limits};
  CHECK_FALSE(unlimited.update([](bucket_state&) {}));
  CHECK_FALSE(unlimited.snapshot(start));
}

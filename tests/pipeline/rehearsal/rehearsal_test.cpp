#include "pipeline/rehearsal/rehearsal.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <bit>
#include <cstdlib>
#include <optional>
#include <vector>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

settings real_settings() {
  settings config;
  auto profile = std::make_shared<api_profile>();
  profile->name = "extralt";
  profile->base = "https://api.example";
  profile->wait_after_429 = 15s;
  profile->results.items = {"/items", ""};
  config.api.profile = profile;
  config.api.proxy = "http://proxy:3128";
  config.ledger = "/data/shoes.sluice";
  return config;
}

/// The members of a struct that has only durations. They are not named here, so
/// a new one is tested, too.
template <class Times>
auto all_of(const Times& times) {
  constexpr auto count = sizeof(Times) / sizeof(duration);
  auto list = std::bit_cast<std::array<duration, count>>(times);
  return std::vector<duration>{list.begin(), list.end()};
}

std::vector<duration> tenth_of(std::vector<duration> times) {
  for (auto& each : times)
    each /= 10;
  return times;
}

} // namespace

TEST_CASE("a rehearsal at ten times the speed has a tenth of every wait") {
  auto config = real_settings();
  auto original = config.api.profile;
  speed_up(config, 10);
  CHECK(config.api.requests_per_minute == 1200);
  CHECK(config.api.burst == 30);
  CHECK(config.api.profile->wait_after_429 == 1500ms);
  CHECK(config.poll.interval == 1s);
  CHECK(config.poll.min_interval == 200ms);
  CHECK(config.poll.max_interval == 3s);
  CHECK(config.times.backoff_base == 100ms);
  CHECK(config.times.backoff_cap == 6s);
  CHECK(config.times.lost_after == 6s);
  CHECK(config.times.relist_pause == 500ms);
  CHECK(config.times.checkpoint_every == 100ms);
  CHECK(config.times.longest_rest == 25ms);
  CHECK(config.times.slow_poll_after == 30s);
  // The profile may be shared, so it is copied instead of changed.
  CHECK(original->wait_after_429 == 15s);
}

TEST_CASE("a rehearsal divides every waiting time by its speed") {
  auto config = real_settings();
  auto before = config;
  speed_up(config, 10);
  CHECK(all_of(config.times) == tenth_of(all_of(before.times)));
  CHECK(all_of(config.poll) == tenth_of(all_of(before.poll)));
}

TEST_CASE("a rehearsal at normal speed changes nothing and one without a limit "
          "stays unlimited") {
  auto config = real_settings();
  config.api.requests_per_minute = 0;
  speed_up(config, 1);
  CHECK(config.api.requests_per_minute == 0);
  CHECK(config.poll.interval == 10s);
  speed_up(config, 100);
  CHECK(config.api.requests_per_minute == 0);
}

TEST_CASE("a rehearsal uses a simulator, a temporary ledger and another key, "
          "and leaves nothing behind") {
  auto config = real_settings();
  auto started = rehearsal::start(config, 100);
  REQUIRE(started);
  CHECK_THAT(config.api.profile->base, Catch::StartsWith("http://127.0.0.1:"));
  CHECK(config.api.proxy.empty());
  CHECK(*config.api.key() == "simulated");
  auto folder = config.ledger.parent_path();
  CHECK(folder != "/data");
  CHECK(std::filesystem::is_directory(folder));
  started->reset();
  CHECK_FALSE(std::filesystem::exists(folder));
}

TEST_CASE("a rehearsal without a temporary folder is refused and says which "
          "variable to set") {
  auto* set = std::getenv("TMPDIR");
  auto before = set != nullptr ? std::optional<std::string>{set} : std::nullopt;
  ::setenv("TMPDIR", "/nonexistent", 1);
  auto config = real_settings();
  auto started = rehearsal::start(config, 100);
  if (before)
    ::setenv("TMPDIR", before->c_str(), 1);
  else
    ::unsetenv("TMPDIR");
  REQUIRE_FALSE(started);
  CHECK(code_of(started.error()) == ec::disk);
  CHECK_THAT(what_of(started.error()), Catch::Contains("set TMPDIR to"));
}

// How jobs with different appetites divide one bucket, in virtual time.

#include "core/flow/token_bucket.hpp"
#include "tests/core/flow/start.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <deque>
#include <numeric>
#include <random>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

constexpr duration turn_tick = 10ms;

sharing_job job(const std::string& name) {
  return sharing_job_of(name + ".yaml", name + ".sluice", 2);
}

/// A job of `width` workers. Each asks for a token, and again some time after
/// it got one.
struct client {
  sharing_job job;
  size_t width = 1;
  duration between = 0s;
  time_point from = start;            ///< nothing is asked before
  time_point until = time_point{10h}; ///< killed then
  size_t served = 0;
  duration waited = 0s;
};

enum class sharing_rule { turns, first_come };

class shared_bucket {
public:
  explicit shared_bucket(std::vector<client> clients, double burst = 30,
                         sharing_rule by = sharing_rule::turns)
      : limits_{2, burst, 15s, 10min}, by_{by}, clients_{std::move(clients)} {
    state_.at = start;
    for (auto& one : clients_)
      workers_.emplace_back(one.width, one.from);
    wakes_.resize(clients_.size());
  }

  void run(duration time) {
    for (auto end = now_ + time; now_ < end; now_ += turn_tick) {
      std::shuffle(order_.begin(), order_.end(), dice_);
      for (auto i : order_)
        if (now_ < clients_[i].until)
          ask(i);
    }
  }

  [[nodiscard]] const client& operator[](size_t i) const { return clients_[i]; }

  [[nodiscard]] size_t served() const {
    size_t sum = 0;
    for (auto& one : clients_)
      sum += one.served;
    return sum;
  }

  [[nodiscard]] time_point now() const { return now_; }

private:
  /// Asks when a worker becomes ready or at the time the bucket gave.
  void ask(size_t i) {
    auto& ready = workers_[i];
    auto is_new = [&](auto at) { return at <= now_ && at > now_ - turn_tick; };
    if (now_ < wakes_[i] && std::none_of(ready.begin(), ready.end(), is_new))
      return;
    std::sort(ready.begin(), ready.end());
    while (ready.front() <= now_) {
      if (auto next = take(i)) {
        wakes_[i] = *next;
        return;
      }
      ++clients_[i].served;
      clients_[i].waited += now_ - ready.front();
      ready.pop_front();
      ready.push_back(now_ + std::max(turn_tick, clients_[i].between));
    }
  }

  std::optional<time_point> take(size_t i) {
    token_bucket tokens{limits_, state_};
    auto next = by_ == sharing_rule::turns ? tokens.take(now_, clients_[i].job)
                                           : tokens.take(now_);
    state_ = tokens.state();
    return next;
  }

  bucket_limits limits_;
  bucket_state state_;
  sharing_rule by_;
  time_point now_ = start;
  std::vector<client> clients_;
  std::vector<std::deque<time_point>> workers_;
  std::vector<time_point> wakes_;
  std::vector<size_t> order_ = [this] {
    std::vector<size_t> all(clients_.size());
    std::iota(all.begin(), all.end(), size_t{0});
    return all;
  }();
  std::mt19937 dice_{1};
};

/// Two jobs that always wait, and two with one request at a time.
std::vector<client> large_and_small() {
  return {{job("large"), 10, 100ms},
          {job("larger"), 20, 100ms},
          {job("small"), 1, 1'500ms},
          {job("smaller"), 1, 1'500ms}};
}

} // namespace

TEST_CASE("small jobs beside large ones get an equal share of the tokens") {
  shared_bucket bucket{large_and_small()};
  bucket.run(30min);
  auto equal = static_cast<double>(bucket.served()) / 4;
  for (size_t i = 0; i < 4; ++i)
    CHECK(static_cast<double>(bucket[i].served) == Approx(equal).epsilon(0.05));
  CHECK(bucket.served() >= 2 * 1'800 - 2);
}

TEST_CASE("without turns small jobs get less, which validates the previous "
          "test") {
  shared_bucket bucket{large_and_small(), 30, sharing_rule::first_come};
  bucket.run(30min);
  auto equal = static_cast<double>(bucket.served()) / 4;
  CHECK(static_cast<double>(bucket[2].served) < 0.8 * equal);
}

TEST_CASE("a job that needs less than its share gets it at once, and the "
          "others divide the rest") {
  shared_bucket bucket{
    {{job("a"), 10, 0s}, {job("b"), 10, 0s}, {job("c"), 1, 10s}}};
  bucket.run(30min);
  CHECK(bucket[2].served >= 170);
  CHECK(bucket[2].waited / bucket[2].served <= 600ms);
  CHECK(static_cast<double>(bucket[0].served)
        == Approx(static_cast<double>(bucket[1].served)).epsilon(0.02));
  CHECK(bucket.served() >= 2 * 1'800 - 2);
}

TEST_CASE("a job alone takes the whole bucket and its refill") {
  shared_bucket bucket{{{job("a"), 50, 0s, start + 60s}}};
  bucket.run(60s + turn_tick);
  CHECK(bucket.served() == 30);
  bucket.run(60s);
  CHECK(bucket.served() == 150);
}

TEST_CASE("a job that was away gets ahead by its credit at most") {
  shared_bucket bucket{{{job("a"), 10, 0s}, {job("b"), 10, 0s, start + 1h}}};
  bucket.run(1h + 60s);
  auto all = 120.0;
  CHECK(static_cast<double>(bucket[1].served) <= all / 2 + 1);
  bucket.run(60s);
  CHECK(static_cast<double>(bucket[1].served) >= all - 2);
}

TEST_CASE("a job that is killed while it waits leaves no token unused") {
  auto burst = GENERATE(1.0, 2.0, 30.0);
  shared_bucket bucket{
    {{job("a"), 10, 0s}, {job("b"), 10, 0s, start, start + 59'990ms}}, burst};
  bucket.run(2min);
  CHECK(bucket[1].served >= 58);
  // A bucket of one token is full while the turn is kept.
  CHECK(bucket.served() >= (burst == 1 ? 238 : 239));
}

TEST_CASE("many jobs get equal shares") {
  auto count = GENERATE(17u, 40u);
  std::vector<client> many;
  for (auto i = 0u; i < count; ++i)
    many.push_back({job("job" + std::to_string(i)), 1, 0s});
  shared_bucket bucket{many};
  bucket.run(4min);
  CHECK(bucket.served() >= 2 * 240 - 2);
  auto equal = static_cast<double>(bucket.served()) / count;
  for (auto i = 0u; i < count; ++i)
    CHECK(static_cast<double>(bucket[i].served) >= 0.8 * equal);
}

TEST_CASE("more jobs than turns still use every token") {
  std::vector<client> many;
  for (auto i = 0; i < 140; ++i)
    many.push_back({job("job" + std::to_string(i)), 1, 0s});
  shared_bucket bucket{many};
  bucket.run(20s);
  CHECK(bucket.served() >= 2 * 20 - 2);
}

TEST_CASE("a job with another rate is not waited for") {
  auto burst = GENERATE(1.0, 30.0);
  bucket_limits fast{2, burst, 15s, 10min};
  auto slow = fast;
  slow.per_second = 0.1;
  bucket_state state;
  state.at = start;
  auto ask = [&](const bucket_limits& limits, auto& who, time_point now) {
    token_bucket tokens{limits, state};
    auto next = tokens.take(now, who);
    state = tokens.state();
    return next;
  };
  auto first = sharing_job_of("slow.yaml", "slow.sluice", 0.1);
  auto other = job("fast");
  REQUIRE(ask(slow, first, start) == start + 10s);
  auto served = 0;
  for (auto now = start; now < start + 9s;) {
    auto next = ask(fast, other, now);
    served += next ? 0 : 1;
    now = next.value_or(now);
  }
  CHECK(served >= 17);
}

TEST_CASE("a spare token is one that no waiting job needs") {
  bucket_state state;
  state.level = 1;
  state.at = start;
  token_bucket tokens{{2, 1, 15s, 10min}, state};
  CHECK_FALSE(tokens.take(start, job("a")));
  REQUIRE(tokens.take(start, job("a")) == start + 500ms);
  CHECK(tokens.take_spare(start + 500ms, 0.75));
  CHECK_FALSE(tokens.take(start + 500ms, job("a")));
  CHECK_FALSE(tokens.take_spare(start + 1s, 0.75));
}

TEST_CASE("a returned token gives back the turn") {
  fair_turns turns;
  auto one = job("a");
  REQUIRE(turns.ask(one, start).empty());
  turns.took(one);
  auto due = turns.jobs().front().due;
  turns.gave_back(one);
  CHECK(turns.jobs().front().due == due - 1);
  turns.gave_back(job("unknown"));
  CHECK(turns.jobs().size() == 1);
}

TEST_CASE("jobs heard recently are listed by name, and those that ended are "
          "forgotten") {
  fair_turns turns;
  CHECK(turns.ask(job("b"), start).empty());
  CHECK(turns.ask(job("a"), start + 1min).empty());
  CHECK(turns.heard(start + 90s)
        == std::vector<sharing_job>{job("a"), job("b")});
  CHECK(turns.heard(start + 150s) == std::vector<sharing_job>{job("a")});
  CHECK(turns.ask(job("c"), start + 1h).empty());
  CHECK(turns.jobs().size() == 1);
}

TEST_CASE("a waiting job has not ended, however long it waits") {
  fair_turns turns;
  REQUIRE(turns.ask(job("a"), start).empty());
  REQUIRE(turns.wait(job("a"), start, start + 10min) == start + 10min);
  CHECK(turns.heard(start + 9min) == std::vector<sharing_job>{job("a")});
  CHECK(turns.heard(start + 11min).empty());
}

TEST_CASE("a job is known by its ledger and named by the end of a long path") {
  auto config = "/" + std::string(200, 'x') + "/job.yaml";
  auto one = sharing_job_of(config, "/a.sluice", 2);
  CHECK(one.name == "…/job.yaml");
  auto long_name = sharing_job_of(std::string(200, 'x'), "/a.sluice", 2).name;
  CHECK(long_name == "…" + std::string(117, 'x'));
  CHECK(one.id == sharing_job_of("/other.yaml", "/a.sluice", 2).id);
  CHECK(one.id != sharing_job_of(config, "/b.sluice", 2).id);
}

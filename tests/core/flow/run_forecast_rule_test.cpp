// The forecast against its rule, written out: all likely ends, sorted.

#include "core/flow/run_forecast.hpp"
#include "tests/core/flow/forecast_fixture.hpp"
#include "tests/core/flow/start.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <deque>
#include <random>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

using ends = std::vector<time_point>;

duration from_seconds(double seconds) {
  return std::chrono::duration_cast<duration>(
    std::chrono::duration<double>{seconds});
}

time_point quantile(const ends& sorted, double share) {
  auto index = std::ceil(share * static_cast<double>(sorted.size()) - 1e-9);
  return sorted[static_cast<size_t>(std::max(index, 1.0)) - 1];
}

/// The lengths of the runs that have ended.
class plain_history {
public:
  void add(duration length, uint32_t urls) {
    learnt_->add_length(length, urls);
    seconds_per_url_.push_back(in_seconds(length) / urls);
    if (seconds_per_url_.size() > 64)
      seconds_per_url_.pop_front();
  }

  [[nodiscard]] ends after(time_point seen, uint32_t urls) const {
    ends result;
    if (!is_known())
      return result;
    for (auto each : seconds_per_url_)
      if (auto end = start + from_seconds(each * urls); end > seen)
        result.push_back(end);
    std::sort(result.begin(), result.end());
    return result;
  }

  [[nodiscard]] bool is_known() const {
    return seconds_per_url_.size() >= run_history::enough;
  }

  [[nodiscard]] const std::shared_ptr<run_history>& learnt() const {
    return learnt_;
  }

private:
  std::shared_ptr<run_history> learnt_ = std::make_shared<run_history>();
  std::deque<double> seconds_per_url_;
};

/// One run, and the same run in a job where no run has ended: it knows only
/// what its own counters predict.
class compared_run {
public:
  compared_run(const plain_history& history, uint32_t urls)
      : history_{history},
        urls_{urls},
        forecast_{history.learnt(), urls, start},
        alone_{std::make_shared<run_history>(), urls, start} {}

  void on_active(time_point now, const run_status& status) {
    seen_ = now;
    forecast_.on_active(now, status);
    alone_.on_active(now, status);
  }

  void check() {
    forecast_.refresh();
    auto by_length = history_.after(seen_, urls_);
    for (auto share : {0.0, 0.1, 0.3, 0.5, 0.9, 1.0})
      CHECK(forecast_.when(share) == when(by_length, share));
    for (auto wait : {0s, 5s, 20s, 40s, 90s, 400s})
      CHECK(forecast_.chance(seen_ + wait) == chance(by_length, seen_ + wait));
    CHECK(forecast_.is_overdue()
          == (by_length.empty() && !alone_.when(1) && history_.is_known()));
  }

private:
  [[nodiscard]] std::optional<time_point>
  when(const ends& by_length, double share) const {
    auto own = alone_.when(share);
    if (by_length.empty())
      return own;
    return own ? std::min(*own, quantile(by_length, 0.9))
               : quantile(by_length, share);
  }

  [[nodiscard]] double chance(const ends& by_length, time_point now) const {
    if (by_length.empty())
      return alone_.chance(now);
    if (alone_.when(1))
      return quantile(by_length, 0.9) <= now ? 1 : alone_.chance(now);
    auto past = std::upper_bound(by_length.begin(), by_length.end(), now);
    return static_cast<double>(past - by_length.begin())
           / static_cast<double>(by_length.size());
  }

  const plain_history& history_;
  uint32_t urls_;
  run_forecast forecast_;
  run_forecast alone_;
  time_point seen_ = start;
};

class random_job {
public:
  explicit random_job(unsigned seed) : dice_{seed} {}

  void play() {
    std::vector<compared_run> runs;
    for (int i = 0; i < 12; ++i)
      runs.emplace_back(history_, i % 3 == 0 ? 40 : 100);
    for (auto now = start; now < start + 5min; now += 10s) {
      for (auto ended = draw(0, 8); ended > 0; --ended)
        history_.add(std::chrono::milliseconds{draw(10'000, 200'000)},
                     static_cast<uint32_t>(draw(20, 200)));
      for (auto& run : runs) {
        run.check();
        if (draw(0, 2) == 0)
          run.on_active(now, status(now));
        run.check();
      }
    }
  }

private:
  [[nodiscard]] int draw(int least, int most) {
    return std::uniform_int_distribution<int>{least, most}(dice_);
  }

  [[nodiscard]] run_status status(time_point now) {
    run_status result;
    if (draw(0, 3) == 0)
      return result;
    auto age = static_cast<int>(in_seconds(now - start));
    result.extracted = static_cast<uint64_t>(draw(age / 6, age / 5 + 1));
    result.queue = static_cast<uint64_t>(draw(0, 100));
    return result;
  }

  std::mt19937 dice_;
  plain_history history_;
};

} // namespace

TEST_CASE("a forecast equals the sorted list of all likely ends",
          "[forecast]") {
  for (unsigned seed = 1; seed <= 20; ++seed)
    random_job{seed}.play();
}

#include "core/ledger/submit_limits.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

using namespace sluice;
using Catch::Contains;

namespace {

using limit = submit_limit;

submit_limits of_urls(uint64_t urls) {
  return {urls, {}};
}

submit_limits of_credits(uint64_t credits, const run_terms& terms = {}) {
  return {{}, credit_budget{credits, terms}};
}

} // namespace

TEST_CASE("whole batches are submitted without a limit") {
  submit_limits none;
  CHECK(none.share_of(500, true, {}).urls == 500);
  CHECK_FALSE(none.urls_used_up());
  CHECK_FALSE(none.counts_urls());
}

TEST_CASE("a limit on URLs is used exactly") {
  auto limits = of_urls(25);
  CHECK(limits.share_of(10, true, {}).urls == 10);
  limits.took(10);
  limits.took(10);
  CHECK_FALSE(limits.urls_used_up());
  CHECK(limits.share_of(10, true, {}).urls == 5);
  limits.took(5);
  CHECK(limits.urls_used_up());
  auto share = limits.share_of(10, true, {});
  CHECK(share.urls == 0);
  CHECK(share.kept_by == limit::urls);
  CHECK(limits.text(share.kept_by, {})
        == "this start has submitted its 25 URLs (--limit)");
  CHECK(of_urls(1).text(limit::urls, {})
        == "this start has submitted its 1 URL (--limit)");
}

TEST_CASE("submits before this start do not count") {
  auto limits = of_urls(10);
  limits.took(10);
  CHECK(limits.share_of(10, false, {}).urls == 10);
}

TEST_CASE("a batch that the credits cover in part waits for open runs, then "
          "that part is submitted") {
  auto limits = of_credits(100);
  spending sums;
  sums.open = {2, 80};
  CHECK(limits.share_of(20, true, sums).urls == 20);
  auto share = limits.share_of(30, true, sums);
  CHECK(share.urls == 0);
  CHECK(share.kept_by == limit::credits);
  CHECK(limits.text(share.kept_by, sums)
        == "runs.max_credits (100) leaves too little for the next batch while "
           "open runs may cost 80");
  sums.open = {};
  sums.captured = 80;
  CHECK(limits.share_of(30, true, sums).urls == 20);
  sums.unsure = {1, 20};
  share = limits.share_of(30, true, sums);
  CHECK(share.urls == 0);
  CHECK(share.kept_by == limit::credits);
  CHECK(limits.text(share.kept_by, sums)
        == "runs.max_credits (100) does not cover another run: the job has "
           "cost up to 80 credits, and runs that are open, failed, held, set "
           "aside or given up may cost 20 more");
}

TEST_CASE("the tighter of two limits applies") {
  submit_limits limits{30, credit_budget{100, {}}};
  spending sums;
  CHECK(limits.share_of(50, true, sums).urls == 30);
  sums.captured = 90;
  CHECK(limits.share_of(50, true, sums).urls == 10);
  sums.open = {1, 5};
  CHECK(limits.share_of(5, true, sums).urls == 5);
}

namespace {

/// A job against an API that respects each run's budget and is otherwise
/// random.
class job_walk {
public:
  explicit job_walk(unsigned seed) : random_{seed} {
    constexpr std::array prices{0.5, 1.0, 2.0, 0.3};
    terms_.credits_per_unit = prices[below(prices.size())];
    terms_.unit_is_url = below(2) == 0;
    if (below(3) == 0)
      terms_.units_per_run = 1 + below(30);
    credits_ = 1 + below(400);
  }

  void step() {
    switch (below(4)) {
      case 0:
      case 1:
        submit(1 + below(25));
        return;
      case 2:
        return settle();
      default:
        return end();
    }
  }

  /// Runs until nothing is open and nothing more is submitted.
  void finish() {
    while (!in_flight_.empty() || !open_.empty() || submit(25)) {
      settle();
      end();
    }
  }

  void check() const {
    CHECK(credits_of(billed_) <= static_cast<double>(credits_));
    CHECK(credits_of(billed_ + most_of_open())
          <= static_cast<double>(credits_));
  }

  /// The remaining credits do not cover another run.
  void check_used_up() const {
    auto least = terms_.units_per_run.value_or(1);
    auto counted = budget().committed(sums_) + credits_of(least);
    CHECK(counted > static_cast<double>(credits_));
  }

private:
  struct run {
    uint64_t urls = 0;
    uint64_t most = 0; ///< units
  };

  [[nodiscard]] uint64_t below(uint64_t end) { return random_() % end; }
  [[nodiscard]] double credits_of(uint64_t units) const {
    return static_cast<double>(units) * terms_.credits_per_unit;
  }
  [[nodiscard]] credit_budget budget() const {
    return credit_budget{credits_, terms_};
  }
  [[nodiscard]] uint64_t most_of_open() const {
    uint64_t result = 0;
    for (auto* runs : {&in_flight_, &open_, &held_})
      for (auto& one : *runs)
        result += one.most;
    return result;
  }

  bool submit(uint64_t urls) {
    auto share = submit_limits{{}, budget()}.share_of(urls, true, sums_);
    CHECK((share.urls == 0) == (share.kept_by == limit::credits));
    CHECK(share.urls <= urls);
    if (share.urls == 0)
      return false;
    in_flight_.push_back(
      {share.urls, terms_.units_per_run.value_or(share.urls)});
    ++sums_.open.batches;
    sums_.open.urls += share.urls;
    return true;
  }

  void leave_open(const run& one) {
    --sums_.open.batches;
    sums_.open.urls -= one.urls;
  }

  void add_unsure(const run& one) {
    ++sums_.unsure.batches;
    sums_.unsure.urls += one.urls;
  }

  run take(std::vector<run>& runs) {
    auto at = runs.begin() + static_cast<ptrdiff_t>(below(runs.size()));
    auto one = *at;
    runs.erase(at);
    return one;
  }

  /// A submit is answered, refused, or lost.
  void settle() {
    if (in_flight_.empty())
      return;
    auto one = take(in_flight_);
    switch (below(8)) {
      case 0:
        return leave_open(one);
      case 1:
        leave_open(one);
        add_unsure(one);
        held_.push_back(one);
        return;
      default:
        open_.push_back(one);
    }
  }

  /// A run ends and costs something. For a held run the cost is never known.
  void end() {
    if (!held_.empty() && below(2) == 0) {
      billed_ += below(take(held_).most + 1);
      return;
    }
    if (open_.empty())
      return;
    auto one = take(open_);
    leave_open(one);
    auto units = below(one.most + 1);
    billed_ += units;
    if (below(10) == 0)
      return add_unsure(one); // it is lost
    auto listed = below(units + 1);
    sums_.captured += std::min(listed, one.urls);
    sums_.unmatched += listed - std::min(listed, one.urls);
    sums_.captures += listed;
    sums_.shortfall += units - listed;
  }

  std::mt19937_64 random_;
  run_terms terms_;
  uint64_t credits_ = 0;
  spending sums_;
  std::vector<run> in_flight_, open_, held_;
  uint64_t billed_ = 0; ///< units that the API has billed
};

} // namespace

TEST_CASE("a job never exceeds its credits and uses them up, regardless of how "
          "its runs end") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    job_walk job{seed};
    for (auto i = 0; i < 400; ++i) {
      job.step();
      job.check();
    }
    job.finish();
    job.check();
    job.check_used_up();
  }
}

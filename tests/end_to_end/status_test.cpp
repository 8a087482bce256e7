// The lists of `status` for a job with URLs in every state.

#include "tests/end_to_end/slow_job.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <set>
#include <sstream>

using namespace sluice;
using namespace sluice::test;

namespace {

/// A slow job that also has an invalid line, a duplicate, refused URLs,
/// URLs without a capture, and failing runs.
struct troubled_job : slow_job {
  troubled_job() : slow_job{unlucky()} {
    write_urls("no url\n" + url_lines(all_urls) + url_lines(1));
  }

  static simulator_options unlucky() {
    auto options = slower();
    options.missing = 0.1;
    options.failing = 0.4;
    options.reject_containing = "/item/33";
    return options;
  }

  [[nodiscard]] std::string list(const std::string& state) const {
    auto listed = call("status", {"--list", state});
    CHECK(listed.exit_code == 0);
    return listed.out;
  }

  /// Every state's list is as long as the account says and can be used as
  /// input. Together they are the whole input. Returns the states that have
  /// URLs.
  std::set<std::string> check_lists() const {
    std::set<std::string> inhabited, urls;
    uint64_t total = status_of("/urls/duplicate");
    for (std::string state : {"captured", "missing", "failed", "rejected",
                              "held", "pending", "invalid"}) {
      INFO(state);
      auto listed = list(state);
      auto count = status_of("/urls/" + state);
      total += count;
      if (count > 0)
        inhabited.insert(state);
      std::istringstream lines{listed};
      for (std::string line; std::getline(lines, line);)
        CHECK(urls.insert(line).second);
      check_input(listed, count, state == "invalid");
      check_records(state, count);
    }
    CHECK(total == status_of("/urls/total"));
    CHECK(total == all_urls + 2);
    CHECK(urls.size() == all_urls + 1);
    return inhabited;
  }

  /// The list has the same number of records as JSON Lines and as CSV.
  void check_records(const std::string& state, uint64_t count) const {
    auto lines_as = [&](const std::string& format) {
      return lines_in(
        call("status", {"--list", state, "--format", format}).out);
    };
    CHECK(lines_as("jsonl") == count);
    CHECK(lines_as("csv") == count + 1);
  }

  void
  check_input(const std::string& lines, uint64_t count, bool invalid) const {
    fill(file("again.txt"), lines + "https://one.example/more\n");
    auto plan =
      call("plan", {"--set", "input.urls=" + file("again.txt").string(),
                    "--set", "ledger=again.sluice"});
    CHECK(plan.exit_code == 0);
    CHECK(in_account(plan.out, "records") == count + 1);
    CHECK(in_account(plan.out, "URLs") == (invalid ? 1 : count + 1));
  }
};

} // namespace

TEST_CASE_METHOD(troubled_job, "the list of every state can be used as input") {
  auto interrupted = submitting();
  interrupted->signal(SIGKILL);
  interrupted->wait();
  CHECK(check_lists() == std::set<std::string>{"invalid", "pending"});
  pause_answers(0);
  auto ended = run();
  INFO(ended.err);
  CHECK(ended.exit_code == 3);
  CHECK(check_lists()
        == std::set<std::string>{"captured", "failed", "held", "invalid",
                                 "missing", "rejected"});
}

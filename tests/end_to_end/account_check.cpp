#include "tests/end_to_end/account_check.hpp"

#include <catch2/catch.hpp>

namespace sluice::test {

namespace {

/// The exit code of `sluice run` in this state of the job.
uint64_t exit_code_in(const std::string& json) {
  auto number = [&](const std::string& pointer) {
    return json_number(json, pointer);
  };
  if (number("/urls/pending") + number("/runs/open") > 0)
    return 4;
  return number("/urls/missing") + number("/urls/failed")
               + number("/urls/rejected") + number("/urls/held")
               + number("/captures/dead_lettered") + number("/urls/set_aside")
             > 0
           ? 3
           : 0;
}

} // namespace

void check_account(const job_fixture& job, const program_result& ran,
                   uint64_t records,
                   const std::vector<std::string>& same_arguments) {
  INFO(ran.err);
  auto text = job.call("status", same_arguments);
  CHECK(text.exit_code == 0);
  CHECK_THAT(ran.err, Catch::Contains(text.out));
  auto arguments = same_arguments;
  arguments.emplace_back("--json");
  auto json = job.call("status", arguments).out;
  uint64_t sum = 0;
  for (std::string name : {"captured", "missing", "failed", "rejected", "held",
                           "pending", "invalid", "duplicate"}) {
    CAPTURE(name);
    auto number = in_account(ran.err, name);
    CHECK(json_number(json, "/urls/" + name) == number);
    sum += number;
  }
  CHECK(sum == records);
  CHECK(in_account(ran.err, "total") == records);
  for (auto& [pointer, name] : std::vector<std::pair<std::string, std::string>>{
         {"/urls/total", "total"},
         {"/runs/accepted", "runs"},
         {"/captures/delivered", "captures"},
         {"/captures/extra", "extra"},
         {"/captures/repeated", "repeated"},
         {"/captures/short", "short"}})
    CHECK(json_number(json, pointer) == in_account(ran.err, name));
  CHECK(json_number(json, "/exit_code") == exit_code_in(json));
  uint64_t shares = 0;
  for (std::string cause :
       {"tokens", "slots", "runs", "sinks", "backoff", "requests"})
    shares += json_number(json, "/why/" + cause);
  CHECK(shares == 100);
}

} // namespace sluice::test

#include "pipeline/report/account.hpp"
#include "tests/support/named_job.hpp"

#include <catch2/catch.hpp>

#include <sstream>
#include <string>

using namespace sluice;
using sluice::test::named_job;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

account all_captured() {
  account numbers;
  numbers.captured = 1000;
  numbers.runs = 10;
  numbers.captures = 1000;
  numbers.requests = {10, 20, 30, 0};
  numbers.elapsed = 90s;
  return numbers;
}

account_context context() {
  account_context result;
  result.ledger_file = "shoes.sluice";
  return result;
}

/// The first line of `text` that starts with the word `name`, with blanks
/// collapsed.
std::string line_of(const std::string& text, const std::string& name) {
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::string word, squeezed;
    while (words >> word)
      squeezed += squeezed.empty() ? word : " " + word;
    if (squeezed.rfind(name + " ", 0) == 0)
      return squeezed;
  }
  return {};
}

} // namespace

TEST_CASE("the account lists every state with URLs and their sum") {
  account numbers;
  numbers.invalid = 1;
  numbers.duplicate = 2;
  numbers.captured = 3;
  numbers.held = 4;
  numbers.rejected = 5;
  numbers.failed = 6;
  numbers.missing = 7;
  numbers.pending = 8;
  auto text = account_text(numbers, context());
  struct row {
    const char *name, *number;
  };
  for (auto& r :
       {row{"invalid", "1"}, row{"duplicate", "2"}, row{"captured", "3"},
        row{"held", "4"}, row{"rejected", "5"}, row{"failed", "6"},
        row{"missing", "7"}, row{"pending", "8"}, row{"total", "36"}}) {
    CAPTURE(text, r.name);
    CHECK_THAT(line_of(text, r.name),
               Catch::StartsWith(std::string{r.name} + " " + r.number + " "));
  }
}

TEST_CASE("states without URLs are omitted, except captured and missing") {
  auto text = account_text(all_captured(), context());
  CHECK(line_of(text, "captured")
        == "captured 1,000 have at least one capture");
  CHECK_THAT(line_of(text, "missing"), Catch::StartsWith("missing 0 "));
  for (auto* name : {"held", "rejected", "failed", "pending", "invalid",
                     "duplicate", "extra", "repeated", "short"})
    CHECK(line_of(text, name).empty());
  CHECK_THAT(text, !Contains("What to do"));
}

TEST_CASE("the account reports requests, time and the ledger") {
  auto text = account_text(all_captured(), context());
  CHECK(line_of(text, "requests")
        == "requests 60 10 submits, 20 polls, 30 pages; 0 answered 429");
  auto few = all_captured();
  few.requests = {1, 1, 1, 0};
  CHECK(line_of(account_text(few, context()), "requests")
        == "requests 3 1 submit, 1 poll, 1 page; 0 answered 429");
  auto about = context();
  about.by_download = true;
  CHECK(line_of(account_text(all_captured(), about), "requests")
        == "requests 60 10 submits, 20 polls, 30 downloads; 0 answered 429");
  CHECK(line_of(text, "time") == "time 1 min 30 s");
  CHECK_THAT(text, Contains("Ledger: shoes.sluice"));
}

TEST_CASE("the account reports the results of each round if there are two") {
  auto numbers = all_captured();
  CHECK_THAT(account_text(numbers, context()), !Contains("Rounds"));
  round_report first;
  first.urls = first.captured = 900;
  round_report retry{1, 1, {100, 0, 0}, 100, 100};
  numbers.rounds = {first, retry};
  auto text = account_text(numbers, context());
  CHECK_THAT(line_of(text, "first"), Contains("900 URLs: 900 captured"));
  CHECK_THAT(line_of(text, "retry"), Contains("(100 missing)"));
}

TEST_CASE("credits are counted in the profile's unit") {
  auto numbers = all_captured();
  numbers.captures = 1500;
  auto about = context();
  about.credits_per_unit = 2;
  CHECK_THAT(line_of(account_text(numbers, about), "credits"),
             Catch::StartsWith("credits 2,000 "));
  about.unit_is_url = false;
  CHECK_THAT(line_of(account_text(numbers, about), "credits"),
             Catch::StartsWith("credits 3,000 "));
}

TEST_CASE(
  "URLs that can be bought again are reported with the command for it") {
  named_job job{"/jobs/shoes.yaml"};
  account numbers;
  numbers.missing = numbers.failed = numbers.rejected = 1;
  auto text = account_text(numbers, context());
  for (auto* kind : {"missing", "failed", "rejected"})
    CHECK_THAT(text, Contains("`sluice run /jobs/shoes.yaml --retry "
                              + std::string{kind} + "`"));
}

TEST_CASE("each unfinished state comes with advice") {
  named_job job{"/jobs/shoes.yaml", {"runs.robot=a b"}};
  account numbers;
  auto about = context();
  SECTION("pending") {
    numbers.pending = 1;
    CHECK_THAT(account_text(numbers, about),
               Contains("`sluice run /jobs/shoes.yaml --set "
                        "'runs.robot=a b'` again"));
  }
  SECTION("held, with the batches and their reasons") {
    numbers.held = 100;
    about.held = {{7, 100, "timeout after \x1b[31m30 s"}};
    auto text = account_text(numbers, about);
    CHECK_THAT(text, Contains("held batch 7 (100 URLs): timeout after"));
    CHECK_THAT(text, Contains("`sluice resolve /jobs/shoes.yaml --set "
                              "'runs.robot=a b' BATCH adopt RUN_ID`"));
    CHECK(text.find('\x1b') == std::string::npos);
  }
  SECTION("rejected, with a single URL in the singular") {
    numbers.rejected = 1;
    about.rejected = {{8, 1, "HTTP 422"}};
    auto text = account_text(numbers, about);
    CHECK_THAT(text, Contains("rejected batch 8 (1 URL): HTTP 422"));
    CHECK_THAT(text, Contains("`sluice status /jobs/shoes.yaml --set "
                              "'runs.robot=a b' --list rejected > "
                              "rejected.txt`"));
  }
  SECTION("missing") {
    numbers.missing = 1;
    CHECK_THAT(account_text(numbers, about),
               Contains("  missing: ")
                 && Contains("`sluice status /jobs/shoes.yaml --set "
                             "'runs.robot=a b' --list missing > "
                             "missing.txt`"));
    CHECK_THAT(account_text(numbers, about), !Contains("redirects"));
    numbers.unmatched = 1;
    CHECK_THAT(
      account_text(numbers, about),
      Contains(
        "A URL that redirects counts as missing, and its capture as extra"));
  }
  SECTION("failed, with its meaning, its cost and its runs") {
    numbers.failed = 21;
    about.failed = {{7, 20, "the API does not know it\x1b", "run_1"},
                    {9, 1, "abandoned by the user", ""}};
    CHECK_THAT(
      account_text(numbers, about),
      Contains("  failed: these URLs were submitted but have no capture: the "
               "API reports that their run failed or was stopped, or no longer "
               "knows the run, or you abandoned their batch.")
        && Contains("What such a run captured is delivered and paid for")
        && Contains("`sluice status /jobs/shoes.yaml --set "
                    "'runs.robot=a b' --list failed > failed.txt`. To buy "
                    "them again: `sluice run /jobs/shoes.yaml --set "
                    "'runs.robot=a b' --retry failed`.")
        && Contains("  failed run run_1 (20 URLs): the API does not know "
                    "it\\x1b\n")
        && Contains("  failed batch 9 (1 URL): abandoned by the user\n"));
  }
  SECTION("pending because of a limit on URLs") {
    numbers.pending = 1;
    about.ended_by = make_error(ec::limited, "its 20 URLs (--limit)");
    CHECK_THAT(
      account_text(numbers, about),
      Contains("  pending: its 20 URLs (--limit). To continue, run `sluice run "
               "/jobs/shoes.yaml --set 'runs.robot=a b'` again, with another "
               "--limit or without one; nothing is paid for twice."));
  }
  SECTION("pending because of a limit on credits") {
    numbers.pending = 1;
    about.credit_limit = credit_use{500, 499.5, "it is used up"};
    auto text = account_text(numbers, about);
    CHECK_THAT(
      text, Contains("  pending: it is used up. To continue, run `sluice run "
                     "/jobs/shoes.yaml --set 'runs.robot=a b'` again, with a "
                     "larger runs.max_credits; nothing is paid for twice."));
    CHECK_THAT(line_of(text, "credit limit"),
               Catch::StartsWith("credit limit 500 runs.max_credits; what was "
                                 "submitted costs at most 500"));
    about.ended_by = make_error(ec::limited, "it is used up");
    CHECK(account_text(numbers, about) == text);
    about.ended_by = make_error(ec::disk, "the disk is full");
    CHECK_THAT(account_text(numbers, about),
               Contains("  pending: fix what the last line reports, then run `")
                 && !Contains("used up"));
    about.ended_by = {};
    about.running_in = "17";
    CHECK_THAT(account_text(numbers, about),
               Contains("the job is running (process 17), and it is used up."));
  }
  SECTION("dead letters") {
    numbers.dead_letters = 3;
    auto text = account_text(numbers, about);
    CHECK_THAT(text, Contains("dead_letter file"));
  }
}

TEST_CASE("the first invalid lines are shown with their positions and the rest "
          "are counted") {
  account numbers;
  numbers.invalid = 1001;
  auto about = context();
  invalid_record record;
  record.source = "list.txt";
  record.line = 17;
  record.reason = "no scheme";
  record.text = "www\x01";
  about.invalid = {record};
  auto text = account_text(numbers, about);
  CHECK_THAT(text, Contains("list.txt:17: no scheme: www\\x01"));
  CHECK_THAT(text, Contains("and 1,000 more"));
}

TEST_CASE("a number wider than its column is still preceded by a blank") {
  auto numbers = all_captured();
  numbers.captured = 10'000'000'000'000;
  auto text = account_text(numbers, context());
  CHECK_THAT(line_of(text, "captured"),
             Catch::StartsWith("captured 10,000,000,000,000 have"));
}

TEST_CASE("the account of a rehearsal advises no command that needs a job") {
  named_job job{"/jobs/shoes.yaml"};
  account numbers;
  numbers.pending = 1;
  numbers.held = 2;
  numbers.set_aside = numbers.set_aside_runs = 3;
  numbers.rejected = 4;
  numbers.missing = 5;
  numbers.failed = 6;
  auto about = context();
  about.rehearsed = true;
  about.held = {{7, 2, "timeout"}};
  auto text = account_text(numbers, about);
  CHECK_THAT(text, Contains("`sluice run /jobs/shoes.yaml --simulate`")
                     && Contains("nothing was sent to the real API")
                     && !Contains("sluice run /jobs/shoes.yaml`")
                     && !Contains("sluice resolve")
                     && !Contains("sluice status") && !Contains("to continue"));
}

TEST_CASE("a job is finished when nothing is pending and no run is open") {
  CHECK(is_finished(all_captured()));
  auto numbers = all_captured();
  numbers.pending = 1;
  CHECK_FALSE(is_finished(numbers));
  numbers = all_captured();
  numbers.open_runs = 1;
  CHECK_FALSE(is_finished(numbers));
  numbers = all_captured();
  numbers.held = 5;
  CHECK(is_finished(numbers));
}

TEST_CASE("the exit code is the reason's own, else 3 if incomplete, else 0") {
  CHECK(exit_code_for(all_captured(), {}) == 0);
  auto undone = all_captured();
  undone.pending = 1;
  undone.missing = 1;
  CHECK(exit_code_for(undone, {}) == 4);
  auto skipped = all_captured();
  skipped.invalid = 3;
  skipped.duplicate = 4;
  CHECK(exit_code_for(skipped, {}) == 0);
  auto with_dead_letter = all_captured();
  with_dead_letter.dead_letters = 1;
  CHECK(exit_code_for(with_dead_letter, {}) == 3);
  for (auto state : {&account::missing, &account::rejected, &account::failed,
                     &account::held}) {
    auto numbers = all_captured();
    numbers.*state = 1;
    CHECK(exit_code_for(numbers, {}) == 3);
    CHECK(exit_code_for(numbers, make_error(ec::stopped, "x")) == 4);
    CHECK(exit_code_for(numbers, make_error(ec::api_refused, "x")) == 2);
    CHECK(exit_code_for(numbers, make_error(ec::limited, "x")) == 3);
    CHECK(exit_code_for(numbers, make_error(ec::disk, "x")) == 5);
    CHECK(exit_code_for(numbers, make_error(ec::internal, "x")) == 5);
  }
}

TEST_CASE("pending URLs continue by themselves, with a new run, or once a "
          "problem is fixed") {
  auto numbers = all_captured();
  numbers.pending = 5;
  auto seen = context();
  named_job job{"/jobs/shoes.yaml"};
  auto advice = [&] {
    return line_of(account_text(numbers, seen), "pending:");
  };
  CHECK_THAT(advice(), Contains("pending: run `sluice run /jobs/shoes.yaml` "
                                "again"));
  seen.ended_by = make_error(ec::api_refused, "check api.key");
  CHECK_THAT(advice(),
             Contains("pending: fix what the last line reports, then"));
  seen.ended_by = {};
  seen.running_in = "123";
  CHECK(advice() == "pending: the job is running (process 123).");
}

TEST_CASE("dead letters are reported with their files") {
  auto numbers = all_captured();
  numbers.dead_letters = 2;
  auto seen = context();
  seen.dead_letter_files = {"/jobs/one.jsonl", "/jobs/two.jsonl"};
  CHECK_THAT(account_text(numbers, seen),
             Contains("dead letters: see /jobs/one.jsonl and "
                      "/jobs/two.jsonl; each line says why"));
}

TEST_CASE("unrecorded captures make the count of captures a minimum") {
  auto numbers = all_captured();
  auto seen = context();
  CHECK(line_of(account_text(numbers, seen), "captures")
        == "captures 1,000 delivered to every sink");
  seen.unrecorded = 384;
  CHECK(line_of(account_text(numbers, seen), "captures")
        == "captures 1,000 at least, delivered to every sink");
  CHECK_THAT(line_of(account_text(numbers, seen), "captures:"),
             Contains("384 more went to the sinks")
               && Contains("delivers them again"));
}

TEST_CASE(
  "the number of URLs bought is reported next to the captures delivered") {
  account numbers;
  numbers.runs = 33;
  numbers.open_runs = 33;
  numbers.bought = 3'300;
  numbers.pending = 10'000;
  auto text = account_text(numbers, context());
  CHECK(line_of(text, "bought") == "bought 3,300 URLs of these runs");
  auto priced = context();
  priced.credits_bought = 6'599.5;
  CHECK(line_of(account_text(numbers, priced), "bought")
        == "bought 3,300 URLs of these runs, at most 6,600 credits");
  CHECK(line_of(text, "captures") == "captures 0 delivered to every sink");
}

// A job observer is first called before the ledger exists, and last while the
// ledger is still locked.

#include "core/ledger/ledger_lock.hpp"
#include "pipeline/job.hpp"
#include "pipeline/job_observer.hpp"
#include "pipeline/rehearsal/rehearsal.hpp"
#include "tests/pipeline/job_files.hpp"

#include <catch2/catch.hpp>

#include <iostream>
#include <sstream>

using namespace sluice;
using namespace sluice::test;
using Catch::Contains;

namespace {

struct record {
  std::vector<std::string> steps;
  /// Progress was shown without the lock. A short job may end before its
  /// progress is measured, so this is not a step.
  bool noted_unlocked = false;
  caf::error refusal; ///< what `begin` returns
};

const char* word(job_phase phase) {
  switch (phase) {
    case job_phase::starting:
      return "starting";
    case job_phase::importing:
      return "importing";
    case job_phase::running:
      return "running";
    case job_phase::stopping:
      return "stopping";
    case job_phase::ended:
      return "ended";
  }
  return "";
}

class recorder final : public job_observer {
public:
  recorder(record& to, std::filesystem::path ledger)
      : to_{to}, ledger_{std::move(ledger)} {}

  ~recorder() override { note_step("destroyed"); }

  caf::error
  begin(const settings&, std::shared_ptr<const job_counters>) override {
    note_step("begin");
    return to_.refusal;
  }

  void enter(job_phase phase, std::string) override { note_step(word(phase)); }

  void note(const progress_facts&) override {
    to_.noted_unlocked |= !ledger_lock::holder(ledger_);
  }

  std::shared_ptr<bucket_store>
  watch(std::shared_ptr<bucket_store> store) override {
    note_step("bucket");
    return store;
  }

  std::shared_ptr<sink>
  watch(const std::string& name, std::shared_ptr<sink> target) override {
    note_step("sink " + name);
    return target;
  }

private:
  /// Notes each step once, in the order of first occurrence.
  void note_step(const std::string& step) {
    auto text = step + (ledger_lock::holder(ledger_) ? ", locked" : "");
    if (std::find(to_.steps.begin(), to_.steps.end(), text) == to_.steps.end())
      to_.steps.push_back(text);
  }

  record& to_;
  std::filesystem::path ledger_;
};

struct rehearsed_job : job_files {
  rehearsed_job() {
    fill(file("urls.txt"), "https://shop.example/1\nhttps://shop.example/2\n");
    api = must(rehearsal::start(now, 1'000));
    options.simulate = true;
    options.output = {false, false, false};
  }

  /// The exit code; what it prints is in `errors`.
  int run(record& to) {
    std::ostringstream text;
    auto* before = std::cerr.rdbuf(text.rdbuf());
    auto code =
      run_job(now, options, std::make_unique<recorder>(to, now.ledger));
    std::cerr.rdbuf(before);
    errors = text.str();
    return code;
  }

  settings now = config("{type: 'null', name: all}");
  std::unique_ptr<rehearsal> api;
  run_options options;
  std::string errors;
};

} // namespace

TEST_CASE_METHOD(rehearsed_job, "an observer sees a job from before its ledger "
                                "is opened until before it is closed") {
  record seen;
  CHECK(run(seen) == 0);
  CHECK(seen.steps
        == std::vector<std::string>{
          "begin", "importing, locked", "sink all, locked", "bucket, locked",
          "running, locked", "ended, locked", "destroyed, locked"});
  CHECK_FALSE(seen.noted_unlocked);
}

TEST_CASE_METHOD(rehearsed_job,
                 "an observer that refuses ends the start before anything is "
                 "made") {
  record seen;
  seen.refusal = make_error(ec::usage, "the page cannot be shown");
  CHECK(run(seen) == 1);
  CHECK(seen.steps == std::vector<std::string>{"begin", "destroyed"});
  CHECK_THAT(errors, Contains("sluice: the page cannot be shown"));
  CHECK_FALSE(std::filesystem::exists(now.ledger));
}

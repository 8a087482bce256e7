// Which ledgers exist next to a job's current one, and which of them can be
// removed.

#include "pipeline/ledger_shelf.hpp"
#include "tests/pipeline/job_files.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using Catch::Contains;
using kind = shelved_ledger::kind;
namespace fs = std::filesystem;

namespace {

struct shelf_fixture : job_files {
  settings job = config("{type: 'null'}");

  /// Begins a job and sets its ledger aside. `done` means that its run has been
  /// read.
  fs::path set_aside(const std::string& seconds, bool done) {
    begin(job, 2);
    if (done)
      finish(job.ledger);
    auto name = job.ledger.native() + "." + seconds + ".old";
    fs::rename(job.ledger, name);
    return name;
  }

  std::vector<shelved_ledger> shelf() { return must(read_shelf(job)); }

  std::string pruned(const prune_options& options) {
    return must(prune_shelf(shelf(), options));
  }
};

} // namespace

TEST_CASE_METHOD(
  shelf_fixture,
  "the ledgers of a job are its current one, those set aside and copies") {
  CHECK(shelf().empty());
  CHECK_THAT(shelf_text({}), Contains("no ledger yet"));
  auto older = set_aside("1700000000", true);
  auto newer = set_aside("1700000001-2", false);
  begin(job, 2);
  fs::copy_file(job.ledger, job.ledger.native() + ".format4");
  for (auto* other :
       {"other.sluice", "other.sluice.1700000000.old", "job.sluice.old",
        "job.sluice.17x.old", "job.sluice.bak", "job.sluice.format9"})
    fill(file(other), "not ours");
  auto found = shelf();
  REQUIRE(found.size() == 4);
  CHECK(found[0].as == kind::own);
  CHECK(found[1].file == older);
  CHECK(found[2].file == newer);
  CHECK(found[3].as == kind::copy);
  CHECK_THAT(
    shelf_text(found),
    Contains("job.sluice: the job's own; ")
      && Contains(older.native()
                  + ": set aside on 2023-11-14 at 22:13 UTC; it began")
      && Contains("4 of 4 URLs are done; nothing is left behind\n")
      && Contains(
        "0 of 4 URLs are done; not delivered:\n    1 unread run (ended, not "
        "all delivered), 4 URLs, about 4 credits: run_1\n"));
}

TEST_CASE_METHOD(
  shelf_fixture,
  "ledgers that are no longer needed are removed and the others are named") {
  auto done = set_aside("1700000000", true);
  auto open = set_aside("1700000001", false);
  auto broken = fs::path{job.ledger.native() + ".1700000002.old"};
  fill(broken, "no ledger at all, but something else");
  begin(job, 2);
  auto copy = fs::path{job.ledger.native() + ".format4"};
  fs::copy_file(job.ledger, copy);
  must(must(open_ledger(job.ledger))->commit({3, {}, {}, {}}));

  SECTION("except newer ones") {
    prune_options options;
    options.older_than = 1'700'000'000;
    CHECK_THAT(pruned(options), Contains("too recent") && !Contains("removed"));
    options.older_than = 1'700'000'001;
    CHECK_THAT(pruned(options), Contains(done.native() + ": removed\n"));
    CHECK(fs::exists(copy));
    return;
  }
  auto text = pruned({});
  CHECK_THAT(
    text, Contains(done.native() + ": removed\n")
            && Contains(copy.native() + ": removed\n")
            && Contains(open.native()
                        + ": kept: some runs are, or may be, paid for but not "
                          "delivered\n    1 unread run")
            && Contains(broken.native() + ": kept: it cannot be read")
            && Contains(job.ledger.native() + ": kept: it is the job's own"));
  CHECK(shelf().size() == 3);
  for (auto* suffix : {"", "-wal", "-shm", ".lock"})
    CHECK_FALSE(fs::exists(done.native() + suffix));
  // Only on request.
  prune_options all;
  all.all = true;
  CHECK_THAT(
    pruned(all),
    Contains(open.native()
             + ": removed, with what it had not delivered:\n    1 unread run")
      && Contains(broken.native()
                  + ": kept: it cannot "
                    "be read"));
  REQUIRE(shelf().size() == 2);
  CHECK(shelf()[0].as == kind::own);
  CHECK(fs::exists(broken));
}

TEST_CASE_METHOD(shelf_fixture,
                 "a copy stays while no other ledger has the same job") {
  begin(job, 2);
  auto copy = fs::path{job.ledger.native() + ".format4"};
  fs::rename(job.ledger, copy);
  begin(job, 2); // another job
  CHECK_THAT(pruned({}), Contains("no other ledger here"));
  CHECK(fs::exists(copy));
  // A ledger that was set aside may have the same job.
  auto other = fs::path{job.ledger.native() + ".1700000000.old"};
  fs::copy_file(copy, other);
  CHECK_THAT(pruned({}), Contains("no other ledger here"));
  finish(other);
  CHECK_THAT(pruned({}), Contains(copy.native() + ": removed"));
}

TEST_CASE_METHOD(shelf_fixture, "a copy that was continued separately stays") {
  begin(job, 2);
  auto copy = fs::path{job.ledger.native() + ".format4"};
  fs::copy_file(job.ledger, copy);
  must(must(open_ledger(copy))->commit({3, {}, {}, {}}));
  CHECK_THAT(pruned({}), Contains(copy.native() + ": kept: no other ledger"));
}

TEST_CASE_METHOD(
  shelf_fixture,
  "a copy named like a ledger set aside is recognised as a copy") {
  begin(job, 2);
  finish(job.ledger);
  auto copy = fs::path{job.ledger.native() + ".1700000000.old"};
  fs::copy_file(job.ledger, copy);
  CHECK_THAT(shelf_text(shelf()), Contains(copy.native() + ": a copy of "));
  CHECK_THAT(pruned({}), Contains("it is a copy of the job's own ledger"));
  CHECK(fs::exists(copy));
}

TEST_CASE_METHOD(shelf_fixture,
                 "a name with an invalid timestamp has an unknown time") {
  auto odd = set_aside("9223372036854775807", true);
  CHECK_THAT(shelf_text(shelf()),
             Contains(odd.native() + ": set aside on an unknown time"));
}

TEST_CASE_METHOD(shelf_fixture, "a ledger in use is not removed") {
  auto done = set_aside("1700000000", true);
  auto other = set_aside("1700000001", true);
  auto store = must(open_ledger(done));
  CHECK_THAT(pruned({}), Contains(done.native() + ": kept: ")
                           && Contains(other.native() + ": removed"));
  CHECK(fs::exists(done));
  CHECK_FALSE(fs::exists(other));
}

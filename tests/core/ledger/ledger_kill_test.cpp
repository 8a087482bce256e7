#include "tests/core/ledger/ledger_fixture.hpp"

#include <catch2/catch.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr size_t batch_size = 4;

/// What a process reports after the ledger has made a change. From then on the
/// change must be durable.
enum class change : char { begun, accepted, ended, done };

/// Takes batches through all their states and reports each change to `report`,
/// until it is killed or nothing is left.
void work(const std::filesystem::path& file, int report) {
  auto store = must(open_ledger(file));
  must(store->hold_interrupted());
  auto delivery = must(store->last_delivery());
  auto tell = [&](change what) {
    if (::write(report, &what, 1) != 1)
      ::_exit(1);
  };
  while (auto batch = must(store->next_planned())) {
    auto key = batch->key;
    must(store->begin_submit(key, {"worker", 0}));
    tell(change::begun);
    must(store->settle(key, submit_result::accepted,
                       "run_" + std::to_string(key), 1));
    tell(change::accepted);
    must(store->record_end(key, {}, {{"dataset", "x"}}));
    tell(change::ended);
    ++delivery;
    run_progress all{key, {"", 1, batch_size, 0, 0, {0x0F}}, {}, run_result{}};
    must(store->commit(
      {delivery, {{"all", std::to_string(delivery)}}, {all}, {1, 1, 0}}));
    tell(change::done);
  }
}

/// Lets a child work until it has reported `changes` changes, kills it, and
/// adds up everything that it reported.
void kill_after(size_t changes, const std::filesystem::path& file,
                std::array<uint64_t, 4>& reported) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(ends[0]);
    try {
      work(file, ends[1]);
    } catch (...) {
      ::_exit(1);
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  char what;
  for (size_t seen = 0; ::read(ends[0], &what, 1) == 1; ++seen) {
    ++reported[static_cast<size_t>(what)];
    if (seen == changes)
      ::kill(child, SIGKILL); // the rest of the pipe is still read
  }
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE((WIFSIGNALED(status) || WEXITSTATUS(status) == 0));
}

} // namespace

TEST_CASE_METHOD(ledger_fixture,
                 "changes that returned before a kill -9 are durable",
                 "[ledger]") {
  constexpr uint64_t batches = 2'000;
  open_imported(batches, batch_size);
  store.reset();
  std::mt19937 random{20240229};
  std::array<uint64_t, 4> reported{};
  uint64_t held = 0;
  uint64_t stopped = 0; // at most one change per kill is made but not reported
  for (int round = 1; round <= 25; ++round) {
    CAPTURE(round);
    kill_after(random() % 60, file, reported);
    ++stopped;
    open();
    held += must(store->hold_interrupted());
    auto sums = must(store->report());
    auto between = [&](uint64_t value, uint64_t least) {
      CHECK(value >= least);
      CHECK(value <= least + stopped);
    };
    between(sums.runs, reported[1]);
    between(sums.captured / batch_size, reported[3]);
    between(must(store->last_delivery()), reported[3]);
    CHECK(sums.captures == sums.captured);
    CHECK(sums.requests.polls == must(store->last_delivery()));
    if (must(store->last_delivery()) != 0)
      CHECK(must(store->position_of("all"))
            == std::to_string(must(store->last_delivery())));
    CHECK(sums.open_runs == must(store->open_runs()).size());
    CHECK(sums.runs - sums.open_runs == sums.captured / batch_size);
    CHECK(sums.held <= stopped * batch_size);
    CHECK(sums.held_batches >= held);
    CHECK(sums.total() == batches * batch_size);
    store.reset();
  }
}

// The stores that every test of a run_store runs over: the SQLite ledger, and
// the one in memory.

#pragma once

#include "core/ledger/run_store.hpp"
#include "tests/core/ledger/ledger_fixture.hpp"
#include "tests/support/memory_ledger.hpp"

namespace sluice::test {

class sqlite_store : private ledger_fixture {
public:
  /// Imports batches 1 to `count` of `size` URLs each.
  void import(size_t count, size_t size) { open_imported(count, size); }
  /// Goes on as another process.
  void restart() { open(); }
  run_store& runs() { return *store; }
};

class memory_store {
public:
  void import(size_t count, size_t size) {
    for (size_t i = 0; i < count; ++i)
      store_.put(static_cast<batch_key>(i + 1),
                 ledger_fixture::urls_of(i, size));
  }
  void restart() { store_.restart(); }
  run_store& runs() { return store_; }

private:
  memory_ledger store_;
};

} // namespace sluice::test

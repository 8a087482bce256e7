// What changes from one format of the ledger to the next.

#include "core/ledger/ledger_formats.hpp"
#include "core/ledger/ledger_migrations.hpp"

namespace sluice {

namespace {

/// Adds set-aside runs, keys of idempotent submits and the count of changes.
/// A CHECK can only be changed by rebuilding its table. The triggers are
/// created after the rows are copied, so that no row is counted twice.
caf::error from_3_to_4(sqlite::database& db) {
  return db.script(R"(
    ALTER TABLE job ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;

    CREATE TABLE new_batch (
      id              INTEGER PRIMARY KEY,
      state           TEXT NOT NULL CHECK (state IN (
                        'planned', 'in_flight', 'running', 'ended', 'done',
                        'held', 'rejected', 'split', 'set_aside')),
      robot           TEXT NOT NULL,
      depth           INTEGER NOT NULL DEFAULT 0,
      parent          INTEGER,
      url_count       INTEGER NOT NULL CHECK (url_count > 0),
      attempt         INTEGER NOT NULL DEFAULT 0,
      worker          TEXT,
      lease_until_ms  INTEGER,
      retries         INTEGER NOT NULL DEFAULT 0,
      reason          TEXT,
      run_id          TEXT,
      submitted_at_ms INTEGER,
      idempotency_key TEXT,
      request_hash    BLOB,
      first_sent_at_ms INTEGER,
      outcome         TEXT NOT NULL DEFAULT '' CHECK (outcome IN (
                        '', 'completed', 'failed', 'stopped', 'lost')),
      end_state       TEXT,
      extracted       INTEGER,
      cursor          BLOB,
      next_page       INTEGER NOT NULL DEFAULT 0,
      captures        INTEGER NOT NULL DEFAULT 0,
      extras          INTEGER NOT NULL DEFAULT 0,
      repeated        INTEGER NOT NULL DEFAULT 0,
      listings        INTEGER NOT NULL DEFAULT 0,
      captured        INTEGER NOT NULL DEFAULT 0
                      CHECK (captured BETWEEN 0 AND url_count),
      covered         BLOB,
      may_retry       INTEGER NOT NULL DEFAULT 0,
      retried         INTEGER NOT NULL DEFAULT 0,
      to_retry        INTEGER NOT NULL DEFAULT 0
                      CHECK (captured + retried + to_retry <= url_count),
      shortfall       INTEGER AS (iif(state = 'done' AND extracted > captures,
                                      extracted - captures, 0)),
      CHECK (state <> 'set_aside'
             OR (run_id IS NOT NULL AND reason IS NOT NULL))
    ) STRICT;
    INSERT INTO new_batch (
      id, state, robot, depth, parent, url_count, attempt, worker,
      lease_until_ms, retries, reason, run_id, submitted_at_ms, outcome,
      end_state, extracted, cursor, next_page, captures, extras, repeated,
      listings, captured, covered, may_retry, retried, to_retry)
    SELECT
      id, state, robot, depth, parent, url_count, attempt, worker,
      lease_until_ms, retries, reason, run_id, submitted_at_ms, outcome,
      end_state, extracted, cursor, next_page, captures, extras, repeated,
      listings, captured, covered, may_retry, retried, to_retry
    FROM batch;
    DROP TABLE batch;
    ALTER TABLE new_batch RENAME TO batch;

    CREATE INDEX batch_by_state ON batch (state, depth DESC, id);
    CREATE INDEX batch_by_run ON batch (run_id) WHERE run_id IS NOT NULL;
    CREATE INDEX batch_to_retry ON batch (robot, retries, id)
      WHERE to_retry > 0;
    CREATE TRIGGER batch_leaves AFTER UPDATE ON batch BEGIN
      UPDATE tally SET
        batches = batches - 1,
        runs = runs - (old.run_id IS NOT NULL),
        urls = urls - old.url_count,
        captured = captured - old.captured,
        captures = captures - old.captures,
        extras = extras - old.extras,
        repeated = repeated - old.repeated,
        shortfall = shortfall - old.shortfall,
        retried = retried - old.retried,
        to_retry = to_retry - old.to_retry
      WHERE state = old.state AND outcome = old.outcome;
      INSERT INTO tally VALUES (
        new.state, new.outcome, 1, new.run_id IS NOT NULL, new.url_count,
        new.captured, new.captures, new.extras, new.repeated, new.shortfall,
        new.retried, new.to_retry)
      ON CONFLICT DO UPDATE SET
        batches = batches + 1,
        runs = runs + excluded.runs,
        urls = urls + excluded.urls,
        captured = captured + excluded.captured,
        captures = captures + excluded.captures,
        extras = extras + excluded.extras,
        repeated = repeated + excluded.repeated,
        shortfall = shortfall + excluded.shortfall,
        retried = retried + excluded.retried,
        to_retry = to_retry + excluded.to_retry;
    END;
    CREATE TRIGGER batch_enters AFTER INSERT ON batch BEGIN
      INSERT INTO tally VALUES (
        new.state, new.outcome, 1, 0, new.url_count, 0, 0, 0, 0, 0, 0, 0)
      ON CONFLICT DO UPDATE SET
        batches = batches + 1,
        urls = urls + excluded.urls;
    END;
    PRAGMA user_version = 4;
  )");
}

/// Adds the lists as they were when read, and when the job began. Nothing is
/// known about the lists of an old job; it counts as begun at its first submit.
caf::error from_4_to_5(sqlite::database& db) {
  return db.script(R"(
    ALTER TABLE job ADD COLUMN begun_ms INTEGER NOT NULL DEFAULT 0;
    UPDATE job SET begun_ms = coalesce(
      (SELECT min(submitted_at_ms) FROM batch), 0);

    CREATE TABLE list (
      id          INTEGER PRIMARY KEY,
      name        TEXT NOT NULL,
      size        INTEGER,
      modified_ns INTEGER,
      hash        BLOB NOT NULL,
      reading     TEXT NOT NULL
    ) STRICT;
    PRAGMA user_version = 5;
  )");
}

/// Adds rounds: URLs that the user has submitted again are counted apart from
/// the previous round's. The triggers are created again with the new tally.
caf::error from_5_to_6(sqlite::database& db) {
  return db.script(R"(
    DROP TRIGGER batch_leaves;
    DROP TRIGGER batch_enters;
    ALTER TABLE batch ADD COLUMN aged_from_ms INTEGER;
    ALTER TABLE batch ADD COLUMN round INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE batch ADD COLUMN next_round INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE batch ADD COLUMN next_retries INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE batch ADD COLUMN again INTEGER NOT NULL DEFAULT 0
      CHECK (again BETWEEN 0 AND retried + to_retry);
    UPDATE batch SET next_retries = retries + 1 WHERE to_retry > 0;
    DROP INDEX batch_to_retry;
    CREATE INDEX batch_to_retry
      ON batch (robot, next_round, next_retries, state, id)
      WHERE to_retry > 0;
    CREATE INDEX batch_failed ON batch (state, id)
      WHERE state = 'done' AND outcome <> 'completed'
        AND url_count - captured - retried - to_retry > 0;
    CREATE INDEX batch_resubmitted ON batch (state, url_count)
      WHERE state = 'split' AND reason IS NOT NULL;

    CREATE TABLE round (
      id       INTEGER PRIMARY KEY,
      begun_ms INTEGER NOT NULL,
      missing  INTEGER NOT NULL,
      failed   INTEGER NOT NULL,
      rejected INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE new_tally (
      round     INTEGER NOT NULL,
      state     TEXT NOT NULL,
      outcome   TEXT NOT NULL,
      batches   INTEGER NOT NULL,
      runs      INTEGER NOT NULL,
      urls      INTEGER NOT NULL,
      captured  INTEGER NOT NULL,
      captures  INTEGER NOT NULL,
      extras    INTEGER NOT NULL,
      repeated  INTEGER NOT NULL,
      shortfall INTEGER NOT NULL,
      retried   INTEGER NOT NULL,
      to_retry  INTEGER NOT NULL,
      again     INTEGER NOT NULL,
      PRIMARY KEY (round, state, outcome)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO new_tally SELECT 0, *, 0 FROM tally;
    DROP TABLE tally;
    ALTER TABLE new_tally RENAME TO tally;
    CREATE TRIGGER batch_leaves AFTER UPDATE ON batch BEGIN
      UPDATE tally SET
        batches = batches - 1,
        runs = runs - (old.run_id IS NOT NULL),
        urls = urls - old.url_count,
        captured = captured - old.captured,
        captures = captures - old.captures,
        extras = extras - old.extras,
        repeated = repeated - old.repeated,
        shortfall = shortfall - old.shortfall,
        retried = retried - old.retried,
        to_retry = to_retry - old.to_retry,
        again = again - old.again
      WHERE round = old.round AND state = old.state AND outcome = old.outcome;
      INSERT INTO tally VALUES (
        new.round, new.state, new.outcome, 1, new.run_id IS NOT NULL,
        new.url_count, new.captured, new.captures, new.extras, new.repeated,
        new.shortfall, new.retried, new.to_retry, new.again)
      ON CONFLICT DO UPDATE SET
        batches = batches + 1,
        runs = runs + excluded.runs,
        urls = urls + excluded.urls,
        captured = captured + excluded.captured,
        captures = captures + excluded.captures,
        extras = extras + excluded.extras,
        repeated = repeated + excluded.repeated,
        shortfall = shortfall + excluded.shortfall,
        retried = retried + excluded.retried,
        to_retry = to_retry + excluded.to_retry,
        again = again + excluded.again;
    END;
    CREATE TRIGGER batch_enters AFTER INSERT ON batch BEGIN
      INSERT INTO tally VALUES (
        new.round, new.state, new.outcome, 1, 0, new.url_count,
        0, 0, 0, 0, 0, 0, 0, 0)
      ON CONFLICT DO UPDATE SET
        batches = batches + 1,
        urls = urls + excluded.urls;
    END;
    PRAGMA user_version = 6;
  )");
}

struct step {
  int64_t from;
  int64_t to;
  caf::error (*run)(sqlite::database& db); ///< sets user_version, too
};

/// What a step does never changes: a later format is a step of its own.
constexpr step steps[] = {
  {3, 4, from_3_to_4},
  {4, 5, from_4_to_5},
  {5, 6, from_5_to_6},
};
static_assert(std::begin(steps)->from == earliest_ledger_format);
static_assert(std::rbegin(steps)->to == ledger_format);

} // namespace

caf::error run_migrations(sqlite::database& db, int64_t from, int64_t to) {
  for (auto& step : steps)
    if (step.from >= from && step.to <= to)
      if (auto failed = step.run(db))
        return failed;
  return {};
}

} // namespace sluice

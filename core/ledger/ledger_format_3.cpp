#include "core/ledger/earlier_formats.hpp"

namespace sluice {

const char* const format_3 = R"(
  PRAGMA application_id = 1936487779;
  PRAGMA user_version = 3;

  CREATE TABLE job (
    one          INTEGER PRIMARY KEY CHECK (one = 1),
    id           TEXT NOT NULL,
    imported     INTEGER NOT NULL DEFAULT 0,
    records      INTEGER NOT NULL DEFAULT 0,
    invalid      INTEGER NOT NULL DEFAULT 0,
    duplicates   INTEGER NOT NULL DEFAULT 0,
    urls         INTEGER NOT NULL DEFAULT 0,
    batches      INTEGER NOT NULL DEFAULT 0,
    delivery     INTEGER NOT NULL DEFAULT 0,
    submits      INTEGER NOT NULL DEFAULT 0,
    polls        INTEGER NOT NULL DEFAULT 0,
    pages        INTEGER NOT NULL DEFAULT 0,
    rate_limited INTEGER NOT NULL DEFAULT 0,
    dead_letters INTEGER NOT NULL DEFAULT 0,
    elapsed_ms   INTEGER NOT NULL DEFAULT 0,
    retry_times  INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  INSERT INTO job (one, id) VALUES (1, lower(hex(randomblob(16))));

  CREATE TABLE binding (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE invalid (
    id     INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    line   INTEGER NOT NULL,
    record BLOB NOT NULL,
    reason TEXT NOT NULL
  ) STRICT;

  CREATE TABLE batch (
    id              INTEGER PRIMARY KEY,
    state           TEXT NOT NULL CHECK (state IN (
                      'planned', 'in_flight', 'running', 'ended', 'done',
                      'held', 'rejected', 'split')),
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
                                    extracted - captures, 0))
  ) STRICT;
  CREATE INDEX batch_by_state ON batch (state, depth DESC, id);
  CREATE INDEX batch_by_run ON batch (run_id) WHERE run_id IS NOT NULL;
  CREATE INDEX batch_to_retry ON batch (robot, retries, id)
    WHERE to_retry > 0;

  CREATE TABLE block (
    batch INTEGER PRIMARY KEY,
    urls  BLOB NOT NULL
  ) STRICT;

  CREATE TABLE saved (
    batch INTEGER NOT NULL,
    name  TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (batch, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE seen (
    id         INTEGER PRIMARY KEY,
    batch      INTEGER NOT NULL,
    identities BLOB NOT NULL
  ) STRICT;
  CREATE INDEX seen_by_batch ON seen (batch);

  CREATE TABLE adopted (
    batch INTEGER PRIMARY KEY
  ) STRICT;

  CREATE TABLE sink (
    name     TEXT PRIMARY KEY,
    position BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tally (
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
    PRIMARY KEY (state, outcome)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE spent (
    cause TEXT PRIMARY KEY,
    ms    INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

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
)";

} // namespace sluice

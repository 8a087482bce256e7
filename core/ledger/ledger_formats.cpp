#include "core/ledger/ledger_formats.hpp"

#include "core/ledger/earlier_formats.hpp"

#include <array>
#include <cstddef>

namespace sluice {

namespace {

// `batch` holds each batch and its state. Its URLs are written once and read
// rarely; they are in `block`, so that scans and updates of states do not
// touch them. `tally` holds the sums over `batch` for the account; triggers
// update it. The states and their transitions: core/model/batch_state.hpp.
//
// The captures of a run that is set aside are paid for and stay at the API, but
// cannot be read further. The keys of those already read are kept.
//
// A URL of a done or rejected batch that is submitted again (`retried`) counts
// with the batch it is in now; a URL that still waits (`to_retry`) is pending.
// With `runs.retry_missing` it stays in its round; a decision to submit URLs
// again begins a round of its own.
constexpr auto format_6 = R"(
  PRAGMA application_id = 1936487779;
  PRAGMA user_version = 6;

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
    retry_times  INTEGER NOT NULL DEFAULT 0,
    changes      INTEGER NOT NULL DEFAULT 0, -- transactions that changed it
    begun_ms     INTEGER NOT NULL DEFAULT 0  -- wall clock; 0: not known
  ) STRICT;
  INSERT INTO job (one, id, begun_ms) VALUES (
    1, lower(hex(randomblob(16))),
    CAST(strftime('%s', 'now') AS INTEGER) * 1000);

  CREATE TABLE list (                   -- what was read, in order
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL,
    size        INTEGER,                -- NULL: can be read only once
    modified_ns INTEGER,
    hash        BLOB NOT NULL,
    reading     TEXT NOT NULL           -- how its records are understood
  ) STRICT;

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
                      'held', 'rejected', 'split', 'set_aside')),
    robot           TEXT NOT NULL,
    depth           INTEGER NOT NULL DEFAULT 0,
    parent          INTEGER,            -- the batch it is a half of
    url_count       INTEGER NOT NULL CHECK (url_count > 0),
    attempt         INTEGER NOT NULL DEFAULT 0, -- submits begun
    worker          TEXT,               -- who submitted it last
    lease_until_ms  INTEGER,            -- in flight: whose it is until then
    retries         INTEGER NOT NULL DEFAULT 0, -- submits of its URLs before
    reason          TEXT,               -- why it is held, rejected, set aside
    run_id          TEXT,
    submitted_at_ms INTEGER,
    idempotency_key TEXT,               -- of its submit, where it has one
    request_hash    BLOB,               -- of the request sent with the key
    first_sent_at_ms INTEGER,           -- before its first POST
    outcome         TEXT NOT NULL DEFAULT '' CHECK (outcome IN (
                      '', 'completed', 'failed', 'stopped', 'lost')),
    end_state       TEXT,
    extracted       INTEGER,
    cursor          BLOB,
    next_page       INTEGER NOT NULL DEFAULT 0,
    captures        INTEGER NOT NULL DEFAULT 0,
    extras          INTEGER NOT NULL DEFAULT 0,
    repeated        INTEGER NOT NULL DEFAULT 0,
    listings        INTEGER NOT NULL DEFAULT 0, -- begun again in vain
    captured        INTEGER NOT NULL DEFAULT 0
                    CHECK (captured BETWEEN 0 AND url_count),
    covered         BLOB,               -- a bit per URL; `captured` are set
    may_retry       INTEGER NOT NULL DEFAULT 0, -- done: by the rule for runs
    retried         INTEGER NOT NULL DEFAULT 0, -- first of those not captured
    to_retry        INTEGER NOT NULL DEFAULT 0  -- all that follow them, or 0
                    CHECK (captured + retried + to_retry <= url_count),
    shortfall       INTEGER AS (iif(state = 'done' AND extracted > captures,
                                    extracted - captures, 0)),
    aged_from_ms    INTEGER,            -- if not from its submit
    round           INTEGER NOT NULL DEFAULT 0, -- 0: the first one
    next_round      INTEGER NOT NULL DEFAULT 0, -- that takes those to retry
    next_retries    INTEGER NOT NULL DEFAULT 0, -- there; 0: a later round
    again           INTEGER NOT NULL DEFAULT 0  -- retried in a later round
                    CHECK (again BETWEEN 0 AND retried + to_retry),
    CHECK (state <> 'set_aside'
           OR (run_id IS NOT NULL AND reason IS NOT NULL))
  ) STRICT;
  CREATE INDEX batch_by_state ON batch (state, depth DESC, id);
  CREATE INDEX batch_by_run ON batch (run_id) WHERE run_id IS NOT NULL;
  CREATE INDEX batch_to_retry
    ON batch (robot, next_round, next_retries, state, id)
    WHERE to_retry > 0;
  CREATE INDEX batch_failed ON batch (state, id)
    WHERE state = 'done' AND outcome <> 'completed'
      AND url_count - captured - retried - to_retry > 0;
  CREATE INDEX batch_resubmitted ON batch (state, url_count)
    WHERE state = 'split' AND reason IS NOT NULL;

  CREATE TABLE round (                  -- decisions to submit URLs again
    id       INTEGER PRIMARY KEY,       -- from 1
    begun_ms INTEGER NOT NULL,          -- wall clock
    missing  INTEGER NOT NULL,          -- URLs, by the state they were in
    failed   INTEGER NOT NULL,
    rejected INTEGER NOT NULL
  ) STRICT;

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
    identities BLOB NOT NULL            -- 16 bytes each
  ) STRICT;
  CREATE INDEX seen_by_batch ON seen (batch);

  CREATE TABLE adopted (                -- runs the job does not know of yet
    batch INTEGER PRIMARY KEY
  ) STRICT;

  CREATE TABLE sink (
    name     TEXT PRIMARY KEY,
    position BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tally (
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

  CREATE TABLE spent (                  -- where the time went
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
)";

} // namespace

const char* ledger_tables(int64_t format) {
  static_assert(earliest_ledger_format == 3 && ledger_format == 6);
  const std::array tables{format_3, format_4, format_5, format_6};
  return tables.at(static_cast<size_t>(format - earliest_ledger_format));
}

} // namespace sluice

#include "core/ledger/ledger_impl.hpp"
#include "core/model/account.hpp"
#include "core/model/batch.hpp"
#include "core/model/bottleneck.hpp"
#include "core/model/import_target.hpp"

namespace sluice {

namespace {

/// One line of the tally: the sums over all batches of one state and outcome.
struct tally {
  batch_standing of;
  uint64_t batches = 0;
  uint64_t runs = 0;
  uint64_t urls = 0;
  uint64_t captured = 0;
  uint64_t retried = 0;  ///< URLs that count with a later batch
  uint64_t to_retry = 0; ///< URLs that will count with one
};

void add_tally(account& sums, const tally& line) {
  sums.runs += line.runs;
  auto state = line.of.state;
  if (state == batch_state::running || state == batch_state::ended)
    sums.open_runs += line.batches;
  if (state == batch_state::held)
    sums.held_batches += line.batches;
  if (state == batch_state::set_aside)
    sums.set_aside_runs += line.batches;
  if (state == batch_state::split)
    return; // its URLs are those of its parts
  sums.captured += line.captured;
  sums.pending += line.to_retry;
  sum_of(sums, uncaptured_in(line.of.state, line.of.outcome)) +=
    line.urls - line.captured - line.retried - line.to_retry;
}

caf::error add_job(sqlite::database& db, account& sums) {
  auto row = db.use("SELECT invalid, duplicates, submits, polls, pages,"
                    " rate_limited, dead_letters, elapsed_ms FROM job");
  if (row.next()) {
    sums.invalid = row.count(0);
    sums.duplicate = row.count(1);
    sums.requests = {row.count(2), row.count(3), row.count(4), row.count(5)};
    sums.dead_letters = row.count(6);
    sums.elapsed = std::chrono::milliseconds{row.integer(7)};
  }
  return row.error();
}

caf::error add_spent(sqlite::database& db, account& sums) {
  auto row = db.use("SELECT cause, ms FROM spent");
  while (row.next()) {
    auto cause = value_of(bottleneck_words, row.bytes(0));
    if (!cause)
      return damaged(db, "time is recorded for a cause that no version of "
                         "sluice knows, '"
                           + printable(row.bytes(0), 40) + "'");
    sums.spent[static_cast<size_t>(*cause)] =
      std::chrono::milliseconds{row.integer(1)};
  }
  return row.error();
}

/// Whether the runs of these batches are bought. For held batches, this is not
/// known; the URLs of split ones are bought by their parts.
bool is_bought(const tally& line) {
  return line.runs > 0 && line.of.state != batch_state::held
         && line.of.state != batch_state::split;
}

/// If only some batches of a line have a run, their URLs are summed in the
/// table of batches.
caf::error add_bought(sqlite::database& db, const std::vector<tally>& lines,
                      account& sums) {
  for (auto& line : lines) {
    if (!is_bought(line))
      continue;
    if (line.runs == line.batches) {
      sums.bought += line.urls;
      continue;
    }
    auto row = db.use("SELECT sum(url_count) FROM batch WHERE state = ?1"
                      " AND outcome = ?2 AND run_id IS NOT NULL",
                      name_of(line.of.state),
                      line.of.outcome ? name_of(*line.of.outcome) : "");
    if (row.next())
      sums.bought += row.count(0);
    if (auto err = row.error())
      return err;
  }
  return {};
}

caf::error add_batches(sqlite::database& db, account& sums) {
  std::vector<tally> lines;
  // Over all rounds; earlier formats have no rounds.
  auto row = db.use("SELECT state, outcome, sum(batches), sum(runs), sum(urls),"
                    " sum(captured), sum(captures), sum(extras),"
                    " sum(repeated), sum(shortfall), sum(retried),"
                    " sum(to_retry) FROM tally GROUP BY state, outcome");
  while (row.next()) {
    auto of = read_standing(db, row.bytes(0), row.bytes(1));
    if (!of)
      return of.error();
    lines.push_back({*of, row.count(2), row.count(3), row.count(4),
                     row.count(5), row.count(10), row.count(11)});
    add_tally(sums, lines.back());
    sums.captures += row.count(6);
    sums.unmatched += row.count(7);
    sums.repeated += row.count(8);
    sums.shortfall += row.count(9);
  }
  if (auto err = row.error())
    return err;
  return add_bought(db, lines, sums);
}

/// Adds up the batches in one state.
caf::error add_in_state(sqlite::database& db, batch_state state, size_t named,
                        bought_batches& sums) {
  auto row = db.use("SELECT count(*), sum(url_count),"
                    " sum(coalesce(extracted, url_count)) FROM batch"
                    " WHERE state = ?1",
                    name_of(state));
  if (row.next()) {
    sums.batches = row.count(0);
    sums.urls = row.count(1);
    sums.captures = row.count(2);
  }
  if (auto err = row.error())
    return err;
  auto name = db.use("SELECT coalesce(run_id, 'batch ' || id) FROM batch"
                     " WHERE state = ?1 ORDER BY id LIMIT ?2",
                     name_of(state), named);
  while (name.next())
    sums.names.push_back(name.text(0));
  return name.error();
}

std::string stuck_in(batch_state state) {
  return "SELECT id, url_count, reason, run_id, robot, submitted_at_ms"
         " FROM batch WHERE "
         + state_is({state}) + " ORDER BY id LIMIT ?1";
}

/// Runs `sql`, whose parameter is the limit and whose columns are those of a
/// stuck batch.
caf::expected<std::vector<stuck_batch>>
stuck(sqlite::database& db, const std::string& sql, size_t limit) {
  std::vector<stuck_batch> result;
  auto row = db.use(sql, limit);
  while (row.next())
    result.push_back({row.integer(0), static_cast<uint32_t>(row.count(1)),
                      row.text(2), row.text(3), row.text(4), row.integer(5)});
  if (auto err = row.error())
    return err;
  return result;
}

} // namespace

caf::expected<account> sqlite_ledger::report() {
  account result;
  auto err = impl_->db->read([&]() -> caf::error {
    auto imported = is_imported();
    if (!imported)
      return imported.error();
    if (!*imported)
      return {};
    for (auto* add_some : {add_job, add_spent, add_batches})
      if (auto failed = add_some(*impl_->db, result))
        return failed;
    auto rounds = impl_->rounds();
    if (!rounds)
      return rounds.error();
    result.rounds = std::move(*rounds);
    return {};
  });
  if (err)
    return err;
  return result;
}

caf::expected<bought_work> sqlite_ledger::work_in_hand(size_t named) {
  bought_work result;
  for (auto [state, sums] : {std::pair{batch_state::running, &result.open},
                             {batch_state::ended, &result.unread},
                             {batch_state::in_flight, &result.unsure},
                             {batch_state::held, &result.held},
                             {batch_state::set_aside, &result.set_aside}})
    if (auto err = add_in_state(*impl_->db, state, named, *sums))
      return err;
  return result;
}

caf::expected<bought_batches> sqlite_ledger::delivered_runs(size_t named) {
  bought_batches result;
  auto row = impl_->db->use("SELECT count(*), sum(url_count), sum(captures)"
                            " FROM batch WHERE run_id IS NOT NULL"
                            " AND captures > 0");
  if (row.next()) {
    result.batches = row.count(0);
    result.urls = row.count(1);
    result.captures = row.count(2);
  }
  if (auto err = row.error())
    return err;
  auto name = impl_->db->use("SELECT run_id FROM batch"
                             " WHERE run_id IS NOT NULL AND captures > 0"
                             " ORDER BY id LIMIT ?1",
                             named);
  while (name.next())
    result.names.push_back(name.text(0));
  if (auto err = name.error())
    return err;
  return result;
}

caf::expected<std::vector<stuck_batch>>
sqlite_ledger::held_batches(size_t limit) {
  static const auto held = stuck_in(batch_state::held);
  return stuck(*impl_->db, held, limit);
}

caf::expected<std::vector<stuck_batch>>
sqlite_ledger::set_aside_runs(size_t limit) {
  static const auto set_aside = stuck_in(batch_state::set_aside);
  return stuck(*impl_->db, set_aside, limit);
}

caf::expected<std::vector<stuck_batch>>
sqlite_ledger::rejected_batches(size_t limit) {
  static const auto rejected =
    "SELECT id, url_count - retried - to_retry, reason, run_id, robot,"
    " submitted_at_ms FROM batch WHERE "
    + state_is({batch_state::rejected})
    + " AND retried + to_retry < url_count ORDER BY id LIMIT ?1";
  return stuck(*impl_->db, rejected, limit);
}

caf::expected<std::vector<stuck_batch>>
sqlite_ledger::failed_batches(size_t limit) {
  static const auto failed =
    "SELECT id, url_count - captured - retried - to_retry,"
    " iif(outcome = 'lost', '', outcome || ': ') || end_state, run_id,"
    " robot, submitted_at_ms FROM batch WHERE "
    + state_is({batch_state::done})
    + " AND outcome <> 'completed'" // as the index has it
      " AND url_count - captured - retried - to_retry > 0"
      " ORDER BY id LIMIT ?1";
  return stuck(*impl_->db, failed, limit);
}

caf::expected<std::vector<invalid_record>>
sqlite_ledger::invalid_records(size_t limit) {
  std::vector<invalid_record> result;
  auto row = impl_->db->use("SELECT source, line, record, reason FROM invalid"
                            " ORDER BY id LIMIT ?1",
                            limit);
  while (row.next())
    result.push_back({row.text(0), row.count(1), row.text(2), row.text(3)});
  if (auto err = row.error())
    return err;
  return result;
}

} // namespace sluice

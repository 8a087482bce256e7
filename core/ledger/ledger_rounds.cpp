// Rounds: the first one, and one for each decision of the user to submit URLs
// again. The URLs of a round never change. Their results count with the batches
// of this round; the earlier round keeps its results.

#include "core/ledger/ledger_impl.hpp"
#include "core/model/account.hpp"

#include <algorithm>
#include <set>

namespace sluice {

namespace {

/// Batches of one round that ended in the same way, with URLs left over.
struct leftover {
  uint64_t round = 0;
  batch_standing of;
  uint64_t urls = 0; ///< without a capture, and not submitted again

  [[nodiscard]] url_state kind() const {
    return uncaptured_in(of.state, of.outcome);
  }
};

bool is_wanted(const leftover& left, const retry_kinds& kinds) {
  switch (left.kind()) {
    case url_state::missing:
      return kinds.missing;
    case url_state::failed:
      return kinds.failed;
    default:
      return kinds.rejected;
  }
}

void add_leftover(retry_counts& counts, const leftover& left) {
  switch (left.kind()) {
    case url_state::missing:
      counts.missing += left.urls;
      break;
    case url_state::failed:
      counts.failed += left.urls;
      break;
    default:
      counts.rejected += left.urls;
  }
}

/// Retries with URLs that are not submitted yet or whose runs are open.
caf::expected<std::set<uint64_t>> unfinished_rounds(sqlite::database& db) {
  std::set<uint64_t> result;
  static const auto rounds =
    "SELECT round FROM tally WHERE batches > 0 AND "
    + state_is({batch_state::planned, batch_state::in_flight,
                batch_state::running, batch_state::ended})
    + " UNION SELECT next_round FROM batch WHERE to_retry > 0";
  auto row = db.use(rounds);
  while (row.next())
    result.insert(row.count(0));
  if (auto err = row.error())
    return err;
  result.erase(0);
  return result;
}

/// The leftovers that a decision moves to its round.
caf::expected<std::vector<leftover>>
leftovers(sqlite::database& db, const retry_kinds& kinds) {
  auto unfinished = unfinished_rounds(db);
  if (!unfinished)
    return unfinished.error();
  std::vector<leftover> result;
  static const auto lines =
    "SELECT round, state, outcome, urls - captured - retried - to_retry"
    " FROM tally WHERE "
    + state_is({batch_state::done, batch_state::rejected})
    + " AND urls > captured + retried + to_retry";
  auto row = db.use(lines);
  while (row.next()) {
    auto of = read_standing(db, row.bytes(1), row.bytes(2));
    if (!of)
      return of.error();
    leftover left{row.count(0), *of, row.count(3)};
    if (is_wanted(left, kinds) && !unfinished->contains(left.round))
      result.push_back(left);
  }
  if (auto err = row.error())
    return err;
  return result;
}

caf::error take(sqlite::database& db, const leftover& left, int64_t round) {
  return db
    .use("UPDATE batch SET to_retry = url_count - captured - retried,"
         " again = again + url_count - captured - retried,"
         " next_round = ?1, next_retries = 0"
         " WHERE round = ?2 AND state = ?3 AND outcome = ?4 AND to_retry = 0"
         " AND captured + retried < url_count",
         round, left.round, name_of(left.of.state),
         left.of.outcome ? name_of(*left.of.outcome) : "")
    .run();
}

/// How many missing URLs just taken by `round` come from runs with extras.
caf::expected<uint64_t> beside_unmatched(sqlite::database& db, int64_t round) {
  auto row = db.use("SELECT sum(to_retry) FROM batch WHERE to_retry > 0"
                    " AND next_round = ?1 AND next_retries = 0"
                    " AND outcome = 'completed' AND extras > 0",
                    round);
  uint64_t urls = row.next() ? row.count(0) : 0;
  if (auto err = row.error())
    return err;
  return urls;
}

/// Adds a line of the tally to its round.
void add_to_round(round_report& sums, const batch_standing& of,
                  const sqlite::statement& row) {
  sums.runs += row.count(3);
  sums.captures += row.count(6);
  if (of.state == batch_state::split)
    return; // its URLs are those of its parts
  sums.captured += row.count(5);
  auto left = row.count(4);
  left -= std::min(left, row.count(5) + row.count(7));
  sum_of(sums, uncaptured_in(of.state, of.outcome)) += left;
}

/// All rounds, without their batches.
caf::expected<std::vector<round_report>> begun_rounds(sqlite::database& db) {
  std::vector<round_report> result;
  auto row = db.use("SELECT 0, begun_ms, 0, 0, 0, urls FROM job UNION ALL"
                    " SELECT id, begun_ms, missing, failed, rejected,"
                    " missing + failed + rejected FROM round ORDER BY 1");
  while (row.next()) {
    auto& round = result.emplace_back();
    round.number = row.count(0);
    round.begun_at_ms = row.integer(1);
    round.taken = {row.count(2), row.count(3), row.count(4)};
    round.urls = row.count(5);
  }
  if (auto err = row.error())
    return err;
  return result;
}

} // namespace

caf::expected<begun_round>
sqlite_ledger::begin_round(const retry_kinds& kinds, int64_t now_ms) {
  begun_round result;
  auto& counts = result.taken;
  auto err = impl_->write([&]() -> caf::error {
    auto& db = *impl_->db;
    auto taken = leftovers(db, kinds);
    if (!taken)
      return taken.error();
    for (auto& left : *taken)
      add_leftover(counts, left);
    if (taken->empty())
      return {};
    if (auto failed =
          db.use("INSERT INTO round (begun_ms, missing, failed, rejected)"
                 " VALUES (?1, ?2, ?3, ?4)",
                 now_ms, counts.missing, counts.failed, counts.rejected)
            .run())
      return failed;
    auto round = db.last_key();
    for (auto& left : *taken)
      if (auto failed = take(db, left, round))
        return failed;
    auto beside = beside_unmatched(db, round);
    if (!beside)
      return beside.error();
    result.beside_unmatched = *beside;
    return {};
  });
  if (err)
    return err;
  impl_->pools.reset();
  return result;
}

caf::expected<std::vector<round_report>> sqlite_ledger::impl::rounds() {
  if (!has_rounds)
    return std::vector<round_report>{};
  auto result = begun_rounds(*db);
  if (!result || result->size() < 2)
    return result ? std::vector<round_report>{} : std::move(result);
  auto row = db->use("SELECT round, state, outcome, runs, urls, captured,"
                     " captures, retried + to_retry - again FROM tally");
  while (row.next()) {
    auto number = row.count(0);
    if (number >= result->size() || (*result)[number].number != number)
      return damaged("a batch belongs to a round that has not begun");
    auto of = read_standing(*db, row.bytes(1), row.bytes(2));
    if (!of)
      return of.error();
    add_to_round((*result)[number], *of, row);
  }
  if (auto err = row.error())
    return err;
  for (auto& round : *result) {
    auto settled = round.captured + round.missing + round.failed
                   + round.rejected + round.held + round.set_aside;
    round.pending = round.urls - std::min(round.urls, settled);
  }
  return result;
}

} // namespace sluice

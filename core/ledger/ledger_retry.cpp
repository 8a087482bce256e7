// Retries: URLs without a capture are pooled over many runs into full batches.
// A URL counts with the batch that it is in now, not with the one that missed
// it. `runs.retry_missing` or the user asks for a retry
// (core/ledger/ledger_rounds.cpp).

#include "core/base/crash_point.hpp"
#include "core/ledger/ledger_impl.hpp"
#include "core/model/batch.hpp"
#include "core/model/url_table.hpp"

namespace sluice {

namespace {

/// The part of a pool that one batch takes.
struct pool_share {
  std::vector<std::string> urls;
  std::vector<std::pair<batch_key, size_t>> taken; ///< from each batch
};

/// Reads a pool from a row that begins with robot, state, next_round,
/// next_retries, and whether the URLs are `own`.
caf::expected<retry_pool>
read_pool(const sqlite::database& db, const sqlite::statement& row) {
  auto state = read_state(db, row.bytes(1));
  if (!state)
    return state.error();
  return retry_pool{row.text(0), row.count(2),
                    static_cast<uint32_t>(row.count(3)), *state,
                    row.count(4) > 0};
}

/// All URLs that wait. `worker` as `counted_worker`.
caf::expected<retry_pools>
read_pools(sqlite::database& db, const std::optional<std::string>& worker) {
  retry_pools result;
  auto row = db.use("SELECT robot, state, next_round, next_retries,"
                    " ?1 IS NOT NULL AND worker IS ?1 AS own, min(id),"
                    " sum(to_retry) FROM batch WHERE to_retry > 0"
                    " GROUP BY robot, next_round, next_retries, state, own",
                    worker);
  while (row.next()) {
    auto pool = read_pool(db, row);
    if (!pool)
      return pool.error();
    result.add(*pool, row.integer(5), row.count(6));
  }
  if (auto err = row.error())
    return err;
  return result;
}

} // namespace

bool is_covered(std::string_view bits, size_t place) {
  return place / 8 < bits.size()
         && ((static_cast<uint8_t>(bits[place / 8]) >> (place % 8)) & 1) != 0;
}

std::vector<std::string>
uncovered(const url_table& urls, std::string_view bits) {
  std::vector<std::string> result;
  for (size_t i = 0; i < urls.size(); ++i)
    if (!is_covered(bits, i))
      result.emplace_back(urls[i]);
  return result;
}

std::vector<std::string> covered(const url_table& urls, std::string_view bits) {
  std::vector<std::string> result;
  for (size_t i = 0; i < urls.size(); ++i)
    if (is_covered(bits, i))
      result.emplace_back(urls[i]);
  return result;
}

caf::error sqlite_ledger::retry_missing_by(retry_rule rule) {
  auto& db = *impl_->db;
  impl_->retries = rule;
  impl_->pools.reset();
  auto times = impl_->retries.times;
  return impl_->write([&]() -> caf::error {
    if (auto err = db.use("UPDATE job SET retry_times = ?1"
                          " WHERE retry_times <> ?1",
                          times)
                     .run())
      return err;
    if (db.changes() == 0)
      return {};
    // The user's decisions stay.
    if (auto err = db.use("UPDATE batch SET to_retry = 0"
                          " WHERE to_retry > 0 AND next_retries > 0")
                     .run())
      return err;
    static const auto retry =
      "UPDATE batch SET to_retry = url_count - captured - retried,"
      " next_round = round, next_retries = retries + 1 WHERE "
      + state_is({batch_state::done})
      + " AND may_retry AND retries < ?1 AND to_retry = 0";
    return db.use(retry, times).run();
  });
}

/// The first pool with enough URLs for a run. A smaller pool of the rule is
/// ready once nothing else can add to it; a decision's pool is ready at once.
caf::expected<std::optional<retry_pool>> sqlite_ledger::impl::ready_pool() {
  auto used_up = limits.urls_used_up();
  // Only `runs.retry_missing` retries URLs of this start.
  if (used_up && retries.times == 0)
    return std::optional<retry_pool>{};
  // Batches kept back by --limit do not run in this start, so they add nothing
  // to retry.
  static const auto any_busy =
    "SELECT 1 FROM tally WHERE batches > 0 AND ("
    + state_is(
      {batch_state::in_flight, batch_state::running, batch_state::ended})
    + " OR (" + state_is({batch_state::planned}) + " AND NOT ?1))";
  auto busy = db->use(any_busy, used_up && submitted_before.empty()
                                  && handed_out.empty());
  auto least = busy.next() ? retries.urls_per_run : 1;
  if (auto err = busy.error())
    return err;
  auto waiting = waiting_urls();
  if (!waiting)
    return waiting.error();
  auto* pool = used_up ? nullptr : (*waiting)->ready(false, least);
  if (pool == nullptr)
    pool = (*waiting)->ready(true, least);
  return pool == nullptr ? std::optional<retry_pool>{} : std::optional{*pool};
}

namespace {

struct pooled_batch {
  batch_key key = 0;
  size_t count = 0;   ///< of URLs
  size_t retried = 0; ///< of those not captured, from the first
  std::string covered;
};

/// As many batches of the pool as `wanted` URLs need, in order from `first`.
/// `worker` is what `counted_worker` returned.
caf::expected<std::vector<pooled_batch>>
pooled_batches(sqlite::database& db, const retry_pool& pool, batch_key first,
               size_t wanted, const std::optional<std::string>& worker) {
  std::vector<pooled_batch> result;
  auto row = db.use("SELECT id, url_count, retried, covered, to_retry"
                    " FROM batch WHERE to_retry > 0 AND robot = ?1"
                    " AND next_round = ?2 AND next_retries = ?3"
                    " AND state = ?4 AND id >= ?5"
                    " AND (?6 IS NOT NULL AND worker IS ?6) = ?7 ORDER BY id",
                    pool.robot, pool.round, pool.retries, name_of(pool.state),
                    first, worker, pool.own);
  for (size_t found = 0; found < wanted && row.next(); found += row.count(4))
    result.push_back({row.integer(0), row.count(1), row.count(2), row.text(3)});
  if (auto err = row.error())
    return err;
  return result;
}

} // namespace

caf::error sqlite_ledger::impl::plan_pool(const retry_pool& pool) {
  auto waiting = waiting_urls();
  if (!waiting)
    return waiting.error();
  auto batches = pooled_batches(*db, pool, (*waiting)->first_batch(pool),
                                retries.urls_per_run, counted_worker());
  if (!batches)
    return batches.error();
  if (batches->empty())
    return damaged("the batches of URLs to submit again are missing");
  pool_share share;
  for (auto& batch : *batches) {
    auto urls = urls_of(batch.key, batch.count);
    if (!urls)
      return urls.error();
    auto left = uncovered(*urls, batch.covered);
    auto room = retries.urls_per_run - share.urls.size();
    auto end = std::min(left.size(), batch.retried + room);
    if (end <= batch.retried)
      return damaged("batch " + std::to_string(batch.key)
                     + " has nothing left to submit again");
    share.taken.emplace_back(batch.key, end - batch.retried);
    for (auto i = batch.retried; i < end; ++i)
      share.urls.push_back(std::move(left[i]));
  }
  for (auto& [key, count] : share.taken)
    if (auto err = change_batch("one with URLs to retry",
                                "UPDATE batch SET retried = retried + ?2,"
                                " to_retry = to_retry - ?2"
                                " WHERE id = ?1 AND to_retry >= ?2",
                                key, count))
      return err;
  if (auto err =
        insert_batch(pool.robot, {share.urls.begin(), share.urls.end()},
                     {0, pool.retries, pool.round, std::nullopt}))
    return err;
  if (pool.own)
    submitted_before.insert(db->last_key());
  (*waiting)->take(pool, share.urls.size(), share.taken.back().first);
  return {};
}

std::optional<std::string> sqlite_ledger::impl::counted_worker() const {
  return limits.counts_urls() ? std::optional{worker} : std::nullopt;
}

caf::expected<retry_pools*> sqlite_ledger::impl::waiting_urls() {
  if (!pools) {
    auto found = read_pools(*db, counted_worker());
    if (!found)
      return found.error();
    pools = std::move(*found);
  }
  return &*pools;
}

caf::error sqlite_ledger::impl::plan_to_retry(batch_key batch) {
  static const auto plan =
    "UPDATE batch SET to_retry = url_count - captured - retried,"
    " next_round = round, next_retries = retries + 1"
    " WHERE id = ?1 AND may_retry AND retries < ?2"
    " RETURNING robot, state, next_round, next_retries,"
    " ?3 IS NOT NULL AND worker IS ?3, to_retry";
  auto row = db->use(plan, batch, retries.times, counted_worker());
  if (!row.next())
    return row.error();
  auto pool = read_pool(*db, row);
  if (!pool)
    return pool.error();
  if (pools)
    pools->add(*pool, batch, row.count(5));
  return row.run();
}

caf::expected<bool> sqlite_ledger::impl::plan_retry() {
  auto pool = ready_pool();
  if (!pool)
    return pool.error();
  if (!*pool)
    return false;
  if (auto err = write([&] { return plan_pool(**pool); }))
    return err;
  crash_point(crash_at::retry_planned);
  return true;
}

} // namespace sluice

#include "core/base/crash_point.hpp"
#include "core/ledger/ledger_impl.hpp"
#include "core/model/batch.hpp"
#include "core/model/bottleneck.hpp"
#include "core/model/capture_page.hpp"
#include "core/model/checkpoint.hpp"
#include "core/model/listing.hpp"
#include "core/model/run.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace sluice {

namespace {

/// No run has more captures; a hostile counter must not overflow the sums.
constexpr uint64_t most_extracted = 100'000'000'000;

constexpr size_t identity_size = std::tuple_size_v<capture_identity>;

std::optional<uint64_t> extracted_of(const run_result& end) {
  if (!end.extracted)
    return std::nullopt;
  return std::min(*end.extracted, most_extracted);
}

std::string_view bytes_of(const coverage_bits& bits) {
  return {reinterpret_cast<const char*>(bits.data()), bits.size()};
}

std::string_view bytes_of(const std::vector<capture_identity>& identities) {
  return {reinterpret_cast<const char*>(identities.data()),
          identities.size() * identity_size};
}

uint64_t ones_in(const coverage_bits& bits) {
  uint64_t result = 0;
  for (auto byte : bits)
    result += static_cast<uint64_t>(std::popcount(byte));
  return result;
}

/// The columns of a run, from `batch`.
constexpr auto run_columns =
  "id, run_id, coalesce(aged_from_ms, submitted_at_ms), url_count, state,"
  " outcome, end_state, extracted";

caf::expected<open_run>
read_run(const sqlite::database& db, const sqlite::statement& row) {
  auto standing = read_standing(db, row.bytes(4), row.bytes(5));
  if (!standing)
    return standing.error();
  open_run result;
  result.batch = row.integer(0);
  result.run.id = row.text(1);
  result.submitted_at_ms = row.integer(2);
  result.url_count = static_cast<uint32_t>(row.count(3));
  if (standing->state != batch_state::ended)
    return result;
  if (!standing->outcome)
    return damaged(db, "the run of batch " + row.text(0)
                         + " has ended without an outcome");
  auto& end = result.end.emplace();
  end.outcome = *standing->outcome;
  end.state = row.text(6);
  if (!row.is_null(7))
    end.extracted = row.count(7);
  return result;
}

caf::error load_saved(sqlite::database& db, open_run& run) {
  auto row =
    db.use("SELECT name, value FROM saved WHERE batch = ?1", run.batch);
  while (row.next())
    run.run.saved.emplace(row.text(0), row.text(1));
  return row.error();
}

/// Runs `sql`, which selects runs, then clears the list of adopted ones: the
/// caller has them now.
caf::expected<std::vector<open_run>>
take_runs(sqlite::database& db, const std::string& sql) {
  std::vector<open_run> result;
  auto err = db.write([&]() -> caf::error {
    auto row = db.use(sql);
    while (row.next()) {
      auto run = read_run(db, row);
      if (!run)
        return run.error();
      result.push_back(std::move(*run));
    }
    if (auto failed = row.error())
      return failed;
    for (auto& run : result)
      if (auto failed = load_saved(db, run))
        return failed;
    return db.use("DELETE FROM adopted").run();
  });
  if (err)
    return err;
  return result;
}

paging_state read_paging(const sqlite::statement& row) {
  paging_state result;
  result.cursor = row.text(1);
  result.next_page = static_cast<uint32_t>(row.count(2));
  result.captures = row.count(3);
  result.unmatched = row.count(4);
  result.repeated = row.count(5);
  result.listings = static_cast<uint32_t>(row.count(6));
  auto covered = row.bytes(7);
  result.covered.assign(covered.begin(), covered.end());
  return result;
}

} // namespace

caf::error
sqlite_ledger::record_end(batch_key batch, const run_result& end,
                          const std::map<std::string, std::string>& saved) {
  return impl_->write([&]() -> caf::error {
    if (auto err =
          impl_->move(batch_change::end, batch,
                      ", outcome = ?2, end_state = ?3, extracted = ?4",
                      name_of(end.outcome), end.state, extracted_of(end)))
      return err;
    for (auto& [name, value] : saved)
      if (auto err = impl_->db
                       ->use("INSERT OR REPLACE INTO saved VALUES (?1, ?2, ?3)",
                             batch, name, value)
                       .run())
        return err;
    return {};
  });
}

caf::error sqlite_ledger::give_up(batch_key batch, const std::string& reason) {
  return impl_->write([&]() -> caf::error {
    auto row =
      impl_->db->use("SELECT next_page > 0 FROM batch WHERE id = ?1", batch);
    auto is_read_in_part = row.next() && row.integer(0) != 0;
    if (auto err = row.error())
      return err;
    auto by = is_read_in_part ? batch_change::set_aside : batch_change::give_up;
    return impl_->move(by, batch, ", reason = ?2", reason);
  });
}

caf::error
sqlite_ledger::set_aside(batch_key batch, const std::string& reason) {
  return impl_->move_alone(batch_change::set_aside, batch, ", reason = ?2",
                           reason);
}

caf::expected<std::vector<open_run>> sqlite_ledger::open_runs() {
  static const auto open =
    "SELECT " + std::string{run_columns} + " FROM batch WHERE "
    + state_is({batch_state::running, batch_state::ended}) + " ORDER BY id";
  return take_runs(*impl_->db, open);
}

caf::expected<std::vector<open_run>> sqlite_ledger::take_adopted() {
  static const auto adopted = "SELECT " + std::string{run_columns}
                              + " FROM batch JOIN adopted ON batch = id WHERE "
                              + state_is({batch_state::running})
                              + " ORDER BY id";
  return take_runs(*impl_->db, adopted);
}

caf::expected<paging_start> sqlite_ledger::start_paging(batch_key batch) {
  static const auto ended =
    "SELECT url_count, cursor, next_page, captures, extras, repeated,"
    " listings, covered, robot FROM batch WHERE id = ?1 AND "
    + state_is({batch_state::ended});
  paging_start result;
  size_t count = 0;
  {
    auto row = impl_->db->use(ended, batch);
    if (row.next()) {
      count = row.count(0);
      result.state = read_paging(row);
      result.robot = row.text(8);
    }
    if (auto err = row.error())
      return err;
  }
  if (count == 0)
    return impl_->wrong_state(batch, std::string{name_of(batch_state::ended)});
  auto urls = impl_->urls_of(batch, count);
  if (!urls)
    return urls.error();
  auto seen = impl_->identities_of(batch);
  if (!seen)
    return seen.error();
  result.urls = std::move(*urls);
  result.seen = std::move(*seen);
  return result;
}

caf::expected<std::vector<capture_identity>>
sqlite_ledger::impl::identities_of(batch_key batch) {
  std::vector<capture_identity> result;
  auto row =
    db->use("SELECT identities FROM seen WHERE batch = ?1 ORDER BY id", batch);
  while (row.next()) {
    auto packed = row.bytes(0);
    if (packed.size() % identity_size != 0)
      return damaged("identities of batch " + std::to_string(batch)
                     + " are cut short");
    auto old = result.size();
    result.resize(old + packed.size() / identity_size);
    if (!packed.empty())
      std::memcpy(&result[old], packed.data(), packed.size());
  }
  if (auto err = row.error())
    return err;
  return result;
}

caf::error sqlite_ledger::commit(const checkpoint& point) {
  auto& db = *impl_->db;
  return impl_->write([&]() -> caf::error {
    auto& sent = point.requests;
    if (auto err =
          db.use("UPDATE job SET delivery = ?1,"
                 " polls = polls + ?2, pages = pages + ?3,"
                 " rate_limited = rate_limited + ?4,"
                 " dead_letters = max(dead_letters, ?5),"
                 " elapsed_ms = elapsed_ms + ?6 WHERE delivery <= ?1",
                 point.delivery, sent.polls, sent.pages, sent.rate_limited,
                 point.dead_letters, point.elapsed.count())
            .run())
      return err;
    if (db.changes() != 1)
      return impl_->misused("a checkpoint goes back to delivery "
                            + std::to_string(point.delivery));
    if (auto err = impl_->add_spent(point.spent))
      return err;
    for (auto& [name, position] : point.sinks)
      if (auto err = db.use("INSERT INTO sink VALUES (?1, ?2) ON CONFLICT"
                            " DO UPDATE SET position = excluded.position",
                            name, sqlite::blob{position})
                       .run())
        return err;
    crash_point(crash_at::checkpoint_half);
    for (auto& progress : point.runs)
      if (auto err = impl_->record(progress))
        return err;
    return {};
  });
}

caf::error sqlite_ledger::impl::add_spent(const time_spent& spent) {
  for (size_t i = 0; i < bottlenecks; ++i)
    if (spent[i].count() > 0)
      if (auto err =
            db->use("INSERT INTO spent VALUES (?1, ?2) ON CONFLICT"
                    " DO UPDATE SET ms = ms + excluded.ms",
                    name_of(static_cast<bottleneck>(i)), spent[i].count())
              .run())
        return err;
  return {};
}

caf::error sqlite_ledger::impl::record(const run_progress& progress) {
  auto& at = progress.state;
  auto batch = progress.batch;
  static const auto go_on =
    "UPDATE batch SET cursor = ?2, next_page = ?3, captures = ?4,"
    " extras = ?5, repeated = ?6, captured = ?7, covered = ?8, listings = ?9"
    " WHERE id = ?1 AND "
    + state_is({batch_state::ended})
    + " AND ?7 <= url_count AND length(?8) IN (0, (url_count + 7) / 8)";
  if (auto err =
        change_batch("ended, with a bit of coverage for each URL", go_on, batch,
                     sqlite::blob{at.cursor}, at.next_page, at.captures,
                     at.unmatched, at.repeated, ones_in(at.covered),
                     sqlite::blob{bytes_of(at.covered)}, at.listings))
    return err;
  if (progress.done)
    return finish(batch, *progress.done);
  if (!progress.new_identities.empty())
    if (auto err =
          db->use("INSERT INTO seen (batch, identities) VALUES (?1, ?2)", batch,
                  sqlite::blob{bytes_of(progress.new_identities)})
            .run())
      return err;
  if (!progress.set_aside)
    return {};
  return move(batch_change::stop_reading, batch, ", reason = ?2",
              *progress.set_aside);
}

caf::error sqlite_ledger::impl::finish(batch_key batch, const run_result& end) {
  auto is_whole = end.outcome != run_outcome::lost;
  if (auto err =
        move(batch_change::finish, batch,
             ", outcome = ?2, end_state = ?3, extracted = ?4, cursor = NULL,"
             " may_retry = ?5 AND extras = 0"
             " AND max(captures, ifnull(?4, 0)) < iif(?6, url_count, ?7)",
             name_of(end.outcome), end.state, extracted_of(end), is_whole,
             retries.budget_is_urls, retries.budget))
    return err;
  if (auto err = plan_to_retry(batch))
    return err;
  return forget_reading(batch);
}

caf::error sqlite_ledger::impl::forget_reading(batch_key batch) {
  if (auto err = db->use("DELETE FROM seen WHERE batch = ?1", batch).run())
    return err;
  return db->use("DELETE FROM saved WHERE batch = ?1", batch).run();
}

caf::expected<std::optional<sink_position>>
sqlite_ledger::position_of(const std::string& sink) {
  std::optional<sink_position> result;
  auto row = impl_->db->use("SELECT position FROM sink WHERE name = ?1", sink);
  if (row.next())
    result = row.text(0);
  if (auto err = row.error())
    return err;
  return result;
}

caf::expected<uint64_t> sqlite_ledger::last_delivery() {
  auto row = impl_->db->use("SELECT delivery FROM job");
  uint64_t result = row.next() ? row.count(0) : 0;
  if (auto err = row.error())
    return err;
  return result;
}

} // namespace sluice

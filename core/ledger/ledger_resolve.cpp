// Decisions about held batches and about runs that were set aside, made by the
// user or on the evidence of the API's runs, and how a running job learns of
// them.

#include "core/base/job_command.hpp"
#include "core/ledger/ledger_impl.hpp"
#include "core/model/batch.hpp"

#include <algorithm>

namespace sluice {

namespace {

/// "set aside", as used in a sentence.
std::string spoken(std::string words) {
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

} // namespace

caf::error sqlite_ledger::impl::not_open_to(batch_change by, batch_key batch) {
  auto row = db->use("SELECT state FROM batch WHERE id = ?1", batch);
  auto found =
    row.next() ? "is " + spoken(row.text(0)) : std::string{"does not exist"};
  if (auto err = row.error())
    return err;
  return make_error(ec::usage, "batch " + std::to_string(batch) + " " + found
                                 + "; this decision needs one that is "
                                 + spoken(origins_of(by)) + ". `"
                                 + job_command("resolve") + "` lists them");
}

caf::expected<url_batch> sqlite_ledger::held_batch(batch_key batch) {
  static const auto held =
    "SELECT robot, url_count, depth FROM batch WHERE id = ?1 AND "
    + state_is({batch_state::held});
  auto row = impl_->db->use(held, batch);
  if (!row.next())
    return row.error() ? row.error()
                       : impl_->not_open_to(batch_change::adopt, batch);
  auto urls = impl_->urls_of(batch, row.count(1));
  if (!urls)
    return urls.error();
  return url_batch{batch, row.text(0), std::move(*urls),
                   static_cast<uint32_t>(row.count(2))};
}

caf::expected<std::vector<held_submit>>
sqlite_ledger::held_submits(size_t limit) {
  std::vector<held_submit> result;
  static const auto held =
    "SELECT id, robot, url_count, submitted_at_ms FROM batch WHERE "
    + state_is({batch_state::held})
    + " AND run_id IS NULL ORDER BY id LIMIT ?1";
  auto row = impl_->db->use(held, limit);
  while (row.next()) {
    auto urls = impl_->urls_of(row.integer(0), row.count(2));
    if (!urls)
      return urls.error();
    result.push_back(
      {row.integer(0), row.text(1), std::move(*urls), row.integer(3)});
  }
  if (auto err = row.error())
    return err;
  return result;
}

caf::expected<bool> sqlite_ledger::adopt_found(batch_key batch,
                                               const std::string& run_id,
                                               int64_t now_ms) {
  static const auto in_flight = "SELECT 1 FROM tally WHERE "
                                + state_is({batch_state::in_flight})
                                + " AND batches > 0";
  auto row = impl_->db->use(in_flight);
  auto busy = row.next();
  if (auto err = row.error())
    return err;
  if (busy)
    return false;
  auto err = adopt(batch, run_id, now_ms);
  if (err && code_of(err) != ec::usage)
    return err;
  return !err;
}

caf::expected<bool> sqlite_ledger::knows_run(const std::string& run_id) {
  auto row = impl_->db->use("SELECT 1 FROM batch WHERE run_id = ?1", run_id);
  auto found = row.next();
  if (auto err = row.error())
    return err;
  return found;
}

caf::error sqlite_ledger::impl::taken_run(batch_key batch,
                                          const std::string& run_id, ec code) {
  static const auto others =
    "SELECT id FROM batch WHERE run_id = ?1 AND id <> ?2 AND "
    + state_is_not(batch_state::split);
  auto other = db->use(others, run_id, batch);
  if (other.next())
    return make_error(code, "run " + printable(run_id) + " is the run of batch "
                              + other.text(0) + " already");
  return other.error();
}

caf::error sqlite_ledger::adopt(batch_key batch, const std::string& run_id,
                                int64_t now_ms) {
  auto& db = *impl_->db;
  return impl_->write([&]() -> caf::error {
    if (auto err = impl_->taken_run(batch, run_id, ec::usage))
      return err;
    if (auto err = impl_->decide(
          batch_change::adopt, batch,
          ", run_id = ?2, aged_from_ms = ?3, reason = NULL", run_id, now_ms))
      return err;
    return db.use("INSERT OR IGNORE INTO adopted VALUES (?1)", batch).run();
  });
}

caf::error sqlite_ledger::resubmit(batch_key batch) {
  return impl_->write([&]() -> caf::error {
    auto held = held_batch(batch);
    if (!held)
      return held.error();
    auto head = impl_->head_of(batch);
    if (!head)
      return head.error();
    if (auto err = impl_->insert_batch(
          held->robot, {held->urls.begin(), held->urls.end()},
          {head->depth, head->retries, head->round, batch}))
      return err;
    if (auto err = impl_->decide(batch_change::resubmit, batch))
      return err;
    return impl_->db->use("DELETE FROM block WHERE batch = ?1", batch).run();
  });
}

caf::error sqlite_ledger::abandon(batch_key batch) {
  return impl_->write([&]() -> caf::error {
    if (auto err =
          impl_->decide(batch_change::abandon, batch,
                        ", outcome = ?2, end_state = 'abandoned by the user'",
                        name_of(run_outcome::lost)))
      return err;
    return impl_->forget_reading(batch);
  });
}

caf::error sqlite_ledger::read_again(batch_key batch, int64_t now_ms) {
  return impl_->write([&]() -> caf::error {
    if (auto err = impl_->decide(
          batch_change::read_again, batch,
          ", outcome = '', reason = NULL, listings = 0, aged_from_ms = ?2",
          now_ms))
      return err;
    return impl_->db->use("INSERT OR IGNORE INTO adopted VALUES (?1)", batch)
      .run();
  });
}

caf::expected<bool> sqlite_ledger::changed_beside() {
  auto row = impl_->db->use("PRAGMA data_version");
  auto version = row.next() ? row.integer(0) : impl_->data_version;
  if (auto err = row.error())
    return err;
  return std::exchange(impl_->data_version, version) != version;
}

} // namespace sluice

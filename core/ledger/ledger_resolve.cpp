// What the user, or the evidence, decides about held batches and about runs
// that were set aside; and how a running job learns of it.

#include "core/base/job_command.hpp"
#include "core/ledger/ledger_impl.hpp"
#include "core/model/batch.hpp"

namespace sluice {

caf::error ledger::impl::not_in(batch_key batch, const char* wanted) {
  auto row =
    db->use("SELECT replace(state, '_', ' ') FROM batch WHERE id = ?1", batch);
  auto found = row.next() ? "is " + row.text(0) : std::string{"does not exist"};
  if (auto err = row.error())
    return err;
  return make_error(ec::usage, "batch " + std::to_string(batch) + " " + found
                                 + "; this decision needs one that is " + wanted
                                 + ". `" + job_command("resolve")
                                 + "` lists them");
}

caf::error ledger::impl::not_held(batch_key batch) {
  return not_in(batch, "held");
}

caf::expected<url_batch> ledger::held_batch(batch_key batch) {
  auto row = impl_->db->use("SELECT robot, url_count, depth FROM batch"
                            " WHERE id = ?1 AND state = 'held'",
                            batch);
  if (!row.next())
    return row.error() ? row.error() : impl_->not_held(batch);
  auto urls = impl_->urls_of(batch, row.count(1));
  if (!urls)
    return urls.error();
  return url_batch{batch, row.text(0), std::move(*urls),
                   static_cast<uint32_t>(row.count(2))};
}

caf::expected<std::vector<held_submit>> ledger::held_submits(size_t limit) {
  std::vector<held_submit> result;
  auto row = impl_->db->use("SELECT id, robot, url_count, submitted_at_ms"
                            " FROM batch WHERE state = 'held' AND run_id IS"
                            " NULL ORDER BY id LIMIT ?1",
                            limit);
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

caf::expected<bool> ledger::adopt_found(batch_key batch,
                                        const std::string& run_id,
                                        int64_t now_ms) {
  auto row = impl_->db->use("SELECT 1 FROM tally WHERE state = 'in_flight'"
                            " AND batches > 0");
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

caf::expected<bool> ledger::knows_run(const std::string& run_id) {
  auto row = impl_->db->use("SELECT 1 FROM batch WHERE run_id = ?1", run_id);
  auto found = row.next();
  if (auto err = row.error())
    return err;
  return found;
}

caf::error
ledger::impl::taken_run(batch_key batch, const std::string& run_id, ec code) {
  auto other = db->use("SELECT id FROM batch WHERE run_id = ?1 AND id <> ?2"
                       " AND state <> 'split'",
                       run_id, batch);
  if (other.next())
    return make_error(code, "run " + printable(run_id) + " is the run of batch "
                              + other.text(0) + " already");
  return other.error();
}

caf::error
ledger::adopt(batch_key batch, const std::string& run_id, int64_t now_ms) {
  auto& db = *impl_->db;
  return impl_->write([&]() -> caf::error {
    if (auto err = impl_->taken_run(batch, run_id, ec::usage))
      return err;
    if (auto err = db.use("UPDATE batch SET state = 'running', run_id = ?2,"
                          " aged_from_ms = ?3, reason = NULL"
                          " WHERE id = ?1 AND state = 'held'",
                          batch, run_id, now_ms)
                     .run())
      return err;
    if (db.changes() != 1)
      return impl_->not_held(batch);
    return db.use("INSERT OR IGNORE INTO adopted VALUES (?1)", batch).run();
  });
}

caf::error ledger::resubmit(batch_key batch) {
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
    if (auto err = impl_->move_batch("held",
                                     "UPDATE batch SET state = 'split'"
                                     " WHERE id = ?1 AND state = 'held'",
                                     batch))
      return err;
    return impl_->db->use("DELETE FROM block WHERE batch = ?1", batch).run();
  });
}

caf::error ledger::abandon(batch_key batch) {
  return impl_->write([&]() -> caf::error {
    auto& db = *impl_->db;
    if (auto err = db.use("UPDATE batch SET state = 'done', outcome = 'lost',"
                          " end_state = 'abandoned by the user'"
                          " WHERE id = ?1 AND state IN ('held', 'set_aside')",
                          batch)
                     .run())
      return err;
    if (db.changes() != 1)
      return impl_->not_in(batch, "held or set aside");
    return impl_->forget_reading(batch);
  });
}

caf::error ledger::read_again(batch_key batch, int64_t now_ms) {
  return impl_->write([&]() -> caf::error {
    auto& db = *impl_->db;
    if (auto err = db.use("UPDATE batch SET state = 'running', outcome = '',"
                          " reason = NULL, listings = 0, aged_from_ms = ?2"
                          " WHERE id = ?1 AND state = 'set_aside'",
                          batch, now_ms)
                     .run())
      return err;
    if (db.changes() != 1)
      return impl_->not_in(batch, "set aside");
    return db.use("INSERT OR IGNORE INTO adopted VALUES (?1)", batch).run();
  });
}

caf::expected<bool> ledger::changed_beside() {
  auto row = impl_->db->use("PRAGMA data_version");
  auto version = row.next() ? row.integer(0) : impl_->data_version;
  if (auto err = row.error())
    return err;
  return std::exchange(impl_->data_version, version) != version;
}

} // namespace sluice

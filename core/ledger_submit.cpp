#include "core/ledger_impl.hpp"

#include <algorithm>

namespace sluice {

namespace {

batch_head read_head(const sqlite::statement& row) {
  return {row.integer(0),
          row.text(1),
          static_cast<uint32_t>(row.count(2)),
          row.count(3),
          static_cast<uint32_t>(row.count(4)),
          row.count(5)};
}

std::string_view bytes_of(const sha256_digest& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

caf::error count_submit(sqlite::database& db) {
  return db.use("UPDATE job SET submits = submits + 1").run();
}

/// The first planned batch that is not handed out.
caf::expected<std::optional<batch_head>>
first_free(sqlite::database& db,
           const std::unordered_set<batch_key>& handed_out) {
  auto row =
    db.use("SELECT id, robot, depth, url_count, retries, round"
           " FROM batch WHERE state = 'planned' ORDER BY depth DESC, id");
  while (row.next())
    if (handed_out.count(row.integer(0)) == 0)
      return std::optional{read_head(row)};
  if (auto err = row.error())
    return err;
  return std::optional<batch_head>{};
}

} // namespace

caf::expected<std::optional<url_batch>> ledger::next_planned() {
  auto imported = is_imported();
  if (!imported)
    return imported.error();
  if (!*imported)
    return std::optional<url_batch>{};
  if (!impl_->to_repeat.empty()) {
    auto batch = impl_->take_repeat();
    if (!batch)
      return batch.error();
    return std::optional{std::move(*batch)};
  }
  auto head = first_free(*impl_->db, impl_->handed_out);
  if (!head)
    return head.error();
  if (!*head) {
    auto planned = impl_->plan_retry();
    if (!planned)
      return planned.error();
    if (!*planned)
      return std::optional<url_batch>{};
    return next_planned();
  }
  auto& found = **head;
  auto urls = impl_->urls_of(found.key, found.count);
  if (!urls)
    return urls.error();
  impl_->handed_out.insert(found.key);
  return std::optional{url_batch{found.key, std::move(found.robot),
                                 std::move(*urls), found.depth}};
}

caf::expected<uint64_t> ledger::planned_left() {
  auto row = impl_->db->use("SELECT sum(batches) FROM tally"
                            " WHERE state = 'planned'");
  uint64_t planned = row.next() ? row.count(0) : 0;
  if (auto err = row.error())
    return err;
  return impl_->to_repeat.size() + planned
         - std::min<uint64_t>(planned, impl_->handed_out.size());
}

caf::expected<batch_head> ledger::impl::head_of(batch_key batch) {
  auto row = db->use("SELECT id, robot, depth, url_count, retries, round"
                     " FROM batch WHERE id = ?1",
                     batch);
  if (row.next())
    return read_head(row);
  return row.error() ? row.error() : wrong_state(batch, "there");
}

caf::expected<url_batch> ledger::impl::take_repeat() {
  auto key = to_repeat.front();
  auto head = head_of(key);
  if (!head)
    return head.error();
  auto urls = urls_of(key, head->count);
  if (!urls)
    return urls.error();
  auto row = db->use("SELECT idempotency_key, request_hash, first_sent_at_ms"
                     " FROM batch WHERE id = ?1",
                     key);
  if (!row.next())
    return row.error() ? row.error() : wrong_state(key, "there");
  submit_ticket ticket;
  ticket.key = row.text(0);
  auto hash = row.bytes(1);
  if (hash.size() != ticket.hash.size())
    return damaged("the hash of batch " + std::to_string(key)
                   + " is cut short");
  std::copy(hash.begin(), hash.end(), ticket.hash.begin());
  ticket.first_sent_at_ms = row.integer(2);
  to_repeat.pop_front();
  return url_batch{key, std::move(head->robot), std::move(*urls), head->depth,
                   std::move(ticket)};
}

caf::error ledger::begin_submit(batch_key batch, const lease& claim,
                                const std::optional<submit_ticket>& ticket) {
  std::optional<std::string> key;
  std::optional<sqlite::blob> hash;
  std::optional<int64_t> first_sent;
  if (ticket) {
    key = ticket->key;
    hash = sqlite::blob{bytes_of(ticket->hash)};
    first_sent = ticket->first_sent_at_ms;
  }
  auto err = impl_->write([&]() -> caf::error {
    if (auto wrong = impl_->move_batch(
          "planned",
          "UPDATE batch SET state = 'in_flight', attempt = attempt + 1,"
          " worker = ?2, lease_until_ms = ?3, submitted_at_ms = ?4,"
          " idempotency_key = ?5, request_hash = ?6, first_sent_at_ms = ?7"
          " WHERE id = ?1 AND state = 'planned'",
          batch, claim.worker, claim.until_ms, claim.begun_ms, key, hash,
          first_sent))
      return wrong;
    return count_submit(*impl_->db);
  });
  if (!err)
    impl_->handed_out.erase(batch);
  return err;
}

caf::error ledger::repeat_submit(batch_key batch, const lease& claim) {
  return impl_->write([&]() -> caf::error {
    if (auto wrong = impl_->move_batch(
          "in_flight with an idempotency key",
          "UPDATE batch SET attempt = attempt + 1, worker = ?2,"
          " lease_until_ms = ?3 WHERE id = ?1 AND state = 'in_flight'"
          " AND idempotency_key IS NOT NULL",
          batch, claim.worker, claim.until_ms))
      return wrong;
    return count_submit(*impl_->db);
  });
}

caf::error
ledger::accept(batch_key batch, const std::string& run_id, int64_t now_ms) {
  return impl_->write([&]() -> caf::error {
    if (auto err = impl_->taken_run(batch, run_id, ec::bad_reply))
      return err;
    return impl_->move_batch(
      "in_flight",
      "UPDATE batch SET state = 'running', run_id = ?2, submitted_at_ms = ?3"
      " WHERE id = ?1 AND state = 'in_flight'",
      batch, run_id, now_ms);
  });
}

caf::error ledger::replan(batch_key batch) {
  return impl_->move_alone("in_flight",
                           "UPDATE batch SET state = 'planned'"
                           " WHERE id = ?1 AND state = 'in_flight'",
                           batch);
}

caf::error ledger::replan_all(batch_key batch) {
  return impl_->write([&]() -> caf::error {
    if (auto err = impl_->move_batch("in_flight",
                                     "UPDATE batch SET state = 'planned'"
                                     " WHERE id = ?1 AND state = 'in_flight'",
                                     batch))
      return err;
    return impl_->db
      ->use("UPDATE batch SET state = 'planned', reason = NULL"
            " WHERE state = 'rejected' AND retried + to_retry = 0")
      .run();
  });
}

caf::error ledger::hold(batch_key batch, const std::string& reason) {
  return impl_->move_alone(
    "in_flight or running",
    "UPDATE batch SET reason = ?2,"
    " state = iif(state = 'running' AND next_page > 0, 'set_aside', 'held')"
    " WHERE id = ?1 AND state IN ('in_flight', 'running')",
    batch, reason);
}

caf::error ledger::split(batch_key batch) {
  return impl_->write([&] { return impl_->halve(batch); });
}

caf::error ledger::impl::halve(batch_key batch) {
  if (auto err = move_batch("in_flight",
                            "UPDATE batch SET state = 'split'"
                            " WHERE id = ?1 AND state = 'in_flight'",
                            batch))
    return err;
  auto whole = head_of(batch);
  if (!whole)
    return whole.error();
  if (whole->count < 2)
    return misused("a batch of one URL is to be halved");
  auto urls = urls_of(batch, whole->count);
  if (!urls)
    return urls.error();
  std::vector<std::string_view> all{urls->begin(), urls->end()};
  auto middle = all.begin() + static_cast<ptrdiff_t>(all.size() / 2);
  for (auto& half :
       {std::vector(all.begin(), middle), std::vector(middle, all.end())})
    if (auto err =
          insert_batch(whole->robot, half,
                       {whole->depth + 1, whole->retries, whole->round, batch}))
      return err;
  return db->use("DELETE FROM block WHERE batch = ?1", batch).run();
}

caf::error ledger::reject(batch_key batch, const std::string& reason) {
  return impl_->move_alone("in_flight",
                           "UPDATE batch SET state = 'rejected', reason = ?2"
                           " WHERE id = ?1 AND state = 'in_flight'",
                           batch, reason);
}

caf::expected<uint64_t> ledger::hold_interrupted(bool repeatable) {
  uint64_t held = 0;
  auto err = impl_->write([&] {
    auto row = impl_->db->use("UPDATE batch SET state = 'held',"
                              " reason = 'interrupted while being submitted'"
                              " WHERE state = 'in_flight'"
                              " AND NOT (?1 AND idempotency_key IS NOT NULL)",
                              repeatable);
    auto failed = row.run();
    held = static_cast<uint64_t>(impl_->db->changes());
    return failed;
  });
  if (err)
    return err;
  impl_->to_repeat.clear();
  auto row = impl_->db->use("SELECT id FROM batch WHERE state = 'in_flight'"
                            " ORDER BY id");
  while (row.next())
    impl_->to_repeat.push_back(row.integer(0));
  if (auto failed = row.error())
    return failed;
  return held;
}

size_t ledger::left_to_repeat() const noexcept {
  return impl_->to_repeat.size();
}

caf::expected<bool> ledger::has_runs() {
  auto row = impl_->db->use("SELECT 1 FROM tally WHERE runs > 0");
  auto result = row.next();
  if (auto err = row.error())
    return err;
  return result;
}

} // namespace sluice

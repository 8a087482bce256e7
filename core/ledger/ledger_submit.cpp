#include "core/ledger/ledger_impl.hpp"
#include "core/model/batch.hpp"
#include "core/model/submit_ticket.hpp"

#include <algorithm>

namespace sluice {

namespace {

std::string_view bytes_of(const sha256_digest& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

caf::error count_submit(sqlite::database& db) {
  return db.use("UPDATE job SET submits = submits + 1").run();
}

} // namespace

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
  if (!err) {
    impl_->handed_out.erase(batch);
    impl_->submitted_before.erase(batch);
    impl_->worker = claim.worker;
  }
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
  auto err = impl_->move_alone("in_flight",
                               "UPDATE batch SET state = 'planned'"
                               " WHERE id = ?1 AND state = 'in_flight'",
                               batch);
  if (!err)
    impl_->submitted_before.insert(batch);
  return err;
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
  auto whole = head_of(batch);
  if (!whole)
    return whole.error();
  auto halves = divide(*whole, "in_flight", whole->count / 2);
  if (!halves)
    return halves.error();
  submitted_before.insert({halves->first, halves->second});
  return {};
}

caf::expected<std::pair<batch_key, batch_key>>
ledger::impl::divide(const batch_head& whole, const char* state, size_t count) {
  if (count == 0 || count >= whole.count)
    return misused("a batch of " + std::to_string(whole.count)
                   + " URLs is to be divided after " + std::to_string(count));
  if (auto err = move_batch(state,
                            "UPDATE batch SET state = 'split'"
                            " WHERE id = ?1 AND state = ?2",
                            whole.key, state))
    return err;
  auto urls = urls_of(whole.key, whole.count);
  if (!urls)
    return urls.error();
  std::vector<std::string_view> all{urls->begin(), urls->end()};
  auto middle = all.begin() + static_cast<ptrdiff_t>(count);
  auto insert = [&](auto begin, auto end) {
    return insert_batch(
      whole.robot, {begin, end},
      {whole.depth + 1, whole.retries, whole.round, whole.key});
  };
  if (auto err = insert(all.begin(), middle))
    return err;
  auto first = db->last_key();
  if (auto err = insert(middle, all.end()))
    return err;
  auto second = db->last_key();
  if (auto err = db->use("DELETE FROM block WHERE batch = ?1", whole.key).run())
    return err;
  return std::pair{first, second};
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

#include "core/ledger/ledger_impl.hpp"
#include "core/model/batch.hpp"
#include "core/model/submit_ticket.hpp"

#include <algorithm>

namespace sluice {

namespace {

std::string_view blob_of(const sha256_digest& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

caf::error count_submit(sqlite::database& db) {
  return db.use("UPDATE job SET submits = submits + 1").run();
}

} // namespace

caf::error
sqlite_ledger::begin_submit(batch_key batch, const lease& claim,
                            const std::optional<submit_ticket>& ticket) {
  std::optional<std::string> key;
  std::optional<sqlite::blob> hash;
  std::optional<int64_t> first_sent;
  if (ticket) {
    key = ticket->key;
    hash = sqlite::blob{blob_of(ticket->hash)};
    first_sent = ticket->first_sent_at_ms;
  }
  auto err = impl_->write([&]() -> caf::error {
    if (auto wrong = impl_->move(
          batch_change::begin, batch,
          ", attempt = attempt + 1, worker = ?2, lease_until_ms = ?3,"
          " submitted_at_ms = ?4, idempotency_key = ?5, request_hash = ?6,"
          " first_sent_at_ms = ?7",
          claim.worker, claim.until_ms, claim.begun_ms, key, hash, first_sent))
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

/// For limits, a repeat counts for the worker that sent the first submit.
caf::error sqlite_ledger::repeat_submit(batch_key batch, const lease& claim) {
  static const auto repeat =
    "UPDATE batch SET attempt = attempt + 1, lease_until_ms = ?2"
    " WHERE id = ?1 AND "
    + state_is({batch_state::in_flight}) + " AND idempotency_key IS NOT NULL";
  auto err = impl_->write([&]() -> caf::error {
    if (auto wrong = impl_->change_batch("in_flight with an idempotency key",
                                         repeat, batch, claim.until_ms))
      return wrong;
    return count_submit(*impl_->db);
  });
  if (!err)
    impl_->search.ended(batch); // its outcome may stay unknown for hours
  return err;
}

caf::error sqlite_ledger::settle(batch_key batch, submit_result result,
                                 const std::string& text, int64_t now_ms) {
  auto err =
    impl_->write([&] { return impl_->carry_out(batch, result, text, now_ms); });
  if (!err && result == submit_result::replanned)
    impl_->submitted_before.insert(batch);
  return err;
}

caf::error sqlite_ledger::impl::carry_out(batch_key batch, submit_result result,
                                          const std::string& text,
                                          int64_t now_ms) {
  switch (result) {
    case submit_result::accepted:
      return accept(batch, text, now_ms);
    case submit_result::replanned:
      return move(batch_change::replan, batch);
    case submit_result::all_replanned:
      return replan_all(batch);
    case submit_result::held:
      return give_up_test(batch_change::hold, batch, text);
    case submit_result::split:
      return halve(batch);
    case submit_result::narrowed:
      return narrow(batch, text);
    case submit_result::rejected:
      return give_up_test(batch_change::reject, batch, text);
  }
  return misused("a submit has no result");
}

caf::error sqlite_ledger::impl::give_up_test(batch_change by, batch_key batch,
                                             const std::string& reason) {
  if (auto err = move(by, batch, ", reason = ?2", reason))
    return err;
  search.ended(batch);
  return {};
}

caf::error sqlite_ledger::impl::accept(batch_key batch,
                                       const std::string& run_id,
                                       int64_t now_ms) {
  if (auto err = taken_run(batch, run_id, ec::bad_reply))
    return err;
  if (auto err = move(batch_change::accept, batch,
                      ", run_id = ?2, submitted_at_ms = ?3", run_id, now_ms))
    return err;
  search.accepted(batch);
  return {};
}

caf::error sqlite_ledger::impl::replan_all(batch_key batch) {
  if (auto err = move(batch_change::replan, batch))
    return err;
  static const auto rejected =
    update_all(batch_change::replan_all, ", reason = NULL")
    + " AND retried + to_retry = 0";
  return db->use(rejected).run();
}

caf::error sqlite_ledger::impl::halve(batch_key batch) {
  auto whole = head_of(batch);
  if (!whole)
    return whole.error();
  auto halves = divide(batch_change::split, *whole, whole->count / 2);
  if (!halves)
    return halves.error();
  search.ended(batch);
  submitted_before.insert({halves->first, halves->second});
  return {};
}

caf::expected<std::pair<batch_key, batch_key>>
sqlite_ledger::impl::divide(batch_change by, const batch_head& whole,
                            size_t count) {
  if (count == 0 || count >= whole.count)
    return misused("a batch of " + std::to_string(whole.count)
                   + " URLs cannot be divided after " + std::to_string(count));
  if (auto err = move(by, whole.key))
    return err;
  auto urls = urls_of(whole.key, whole.count);
  if (!urls)
    return urls.error();
  return replace(whole, *urls, 0, count);
}

caf::expected<std::pair<batch_key, batch_key>>
sqlite_ledger::impl::replace(const batch_head& whole, const url_table& urls,
                             size_t begin, size_t end) {
  std::vector<std::string_view> rest{urls.begin(), urls.end()};
  auto from = rest.begin() + static_cast<ptrdiff_t>(begin);
  auto to = rest.begin() + static_cast<ptrdiff_t>(end);
  std::vector<std::string_view> part{from, to};
  rest.erase(from, to);
  origin parent{whole.depth + 1, whole.retries, whole.round, whole.key};
  if (auto err = insert_batch(whole.robot, part, parent))
    return err;
  auto first = db->last_key();
  if (auto err = insert_batch(whole.robot, rest, parent))
    return err;
  auto second = db->last_key();
  if (auto err = db->use("DELETE FROM block WHERE batch = ?1", whole.key).run())
    return err;
  return std::pair{first, second};
}

caf::expected<uint64_t> sqlite_ledger::hold_interrupted(bool repeatable) {
  static const auto hold =
    update_all(batch_change::interrupt,
               ", reason = 'interrupted while being submitted'")
    + " AND NOT (?1 AND idempotency_key IS NOT NULL)";
  uint64_t held = 0;
  auto err = impl_->write([&] {
    auto failed = impl_->db->use(hold, repeatable).run();
    held = static_cast<uint64_t>(impl_->db->changes());
    return failed;
  });
  if (err)
    return err;
  impl_->to_repeat.clear();
  static const auto left = "SELECT id FROM batch WHERE "
                           + state_is({batch_state::in_flight})
                           + " ORDER BY id";
  auto row = impl_->db->use(left);
  while (row.next())
    impl_->to_repeat.push_back(row.integer(0));
  if (auto failed = row.error())
    return failed;
  return held;
}

size_t sqlite_ledger::left_to_repeat() const noexcept {
  return impl_->to_repeat.size();
}

caf::expected<bool> sqlite_ledger::has_runs() {
  return impl_->any_run();
}

caf::expected<bool> sqlite_ledger::impl::any_run() {
  auto row = db->use("SELECT 1 FROM tally WHERE runs > 0");
  auto result = row.next();
  if (auto err = row.error())
    return err;
  return result;
}

} // namespace sluice

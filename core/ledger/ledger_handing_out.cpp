// Which batch is submitted next: submits to repeat, then planned batches, then
// URLs to retry, as the limits leave room.

#include "core/base/crash_point.hpp"
#include "core/ledger/ledger_impl.hpp"
#include "core/model/batch.hpp"
#include "core/model/submit_ticket.hpp"

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

} // namespace

caf::expected<std::optional<url_batch>> sqlite_ledger::next_planned() {
  auto imported = is_imported();
  if (!imported)
    return imported.error();
  if (!*imported)
    return std::optional<url_batch>{};
  // If the group was undone, the batches that it planned no longer exist.
  if (auto err = impl_->db->lost_group())
    return err;
  impl_->limited_by.clear();
  if (!impl_->to_repeat.empty()) {
    auto batch = impl_->take_repeat();
    if (!batch)
      return batch.error();
    return std::optional{std::move(*batch)};
  }
  auto head = impl_->next_head();
  if (!head)
    return head.error();
  if (!*head)
    return std::optional<url_batch>{};
  auto& found = **head;
  auto urls = impl_->urls_of(found.key, found.count);
  if (!urls)
    return urls.error();
  impl_->hand_out(found);
  return std::optional{url_batch{found.key, std::move(found.robot),
                                 std::move(*urls), found.depth}};
}

caf::expected<uint64_t> sqlite_ledger::planned_left() {
  auto& to_repeat = impl_->to_repeat;
  if (impl_->limits.urls_used_up())
    return to_repeat.size() + impl_->free_of_before().size();
  static const auto sum =
    "SELECT sum(batches) FROM tally WHERE " + state_is({batch_state::planned});
  auto row = impl_->db->use(sum);
  uint64_t planned = row.next() ? row.count(0) : 0;
  if (auto err = row.error())
    return err;
  auto waiting = impl_->waiting_urls();
  if (!waiting)
    return waiting.error();
  return to_repeat.size() + planned
         - std::min<uint64_t>(planned, impl_->handed_out.size())
         + ((*waiting)->has_decided() ? 1 : 0);
}

caf::expected<batch_head> sqlite_ledger::impl::head_of(batch_key batch) {
  auto row = db->use("SELECT id, robot, depth, url_count, retries, round"
                     " FROM batch WHERE id = ?1",
                     batch);
  if (row.next())
    return read_head(row);
  return row.error() ? row.error() : wrong_state(batch, "there");
}

caf::expected<url_batch> sqlite_ledger::impl::take_repeat() {
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

void sqlite_ledger::limit_submits(submit_limits limits) {
  impl_->limits = limits;
  impl_->pools.reset(); // the limits decide whose URLs are `own`
}

const std::string& sqlite_ledger::limited_by() const noexcept {
  return impl_->limited_by;
}

caf::expected<std::optional<batch_head>> sqlite_ledger::impl::next_head() {
  auto head = any_planned();
  if (!head)
    return head.error();
  if (*head)
    return within_limits(std::move(**head));
  if (auto err = note_what_is_left())
    return err;
  return std::optional<batch_head>{};
}

caf::expected<std::optional<batch_head>> sqlite_ledger::impl::any_planned() {
  if (auto err = divide_bad())
    return err;
  for (;;) {
    if (auto shared = share_left_over(false); !shared)
      return shared.error();
    auto head = limits.urls_used_up() ? first_of_before() : first_free();
    if (!head || *head)
      return head;
    auto shared = share_left_over(true);
    if (!shared)
      return shared.error();
    if (*shared)
      continue;
    auto planned = plan_retry();
    if (!planned)
      return planned.error();
    if (!*planned)
      return std::optional<batch_head>{};
  }
}

caf::expected<std::optional<batch_head>> sqlite_ledger::impl::first_free() {
  static const auto planned =
    "SELECT id, robot, depth, url_count, retries, round FROM batch WHERE "
    + state_is({batch_state::planned}) + " ORDER BY depth DESC, id";
  auto row = db->use(planned);
  while (row.next())
    if (is_free(row.integer(0)))
      return std::optional{read_head(row)};
  if (auto err = row.error())
    return err;
  return std::optional<batch_head>{};
}

bool sqlite_ledger::impl::is_free(batch_key planned) const {
  return !handed_out.contains(planned) && !search.keeps(planned);
}

std::vector<batch_key> sqlite_ledger::impl::free_of_before() const {
  std::vector<batch_key> result;
  for (auto key : submitted_before)
    if (is_free(key))
      result.push_back(key);
  return result;
}

caf::expected<std::optional<batch_head>>
sqlite_ledger::impl::first_of_before() {
  auto free = free_of_before();
  if (free.empty())
    return std::optional<batch_head>{};
  auto head = head_of(*std::min_element(free.begin(), free.end()));
  if (!head)
    return head.error();
  return std::optional{std::move(*head)};
}

caf::expected<std::optional<batch_head>>
sqlite_ledger::impl::within_limits(batch_head head) {
  spending sums;
  if (limits.credits()) {
    auto spent = sum_spent();
    if (!spent)
      return spent.error();
    sums = *spent;
    sums.open.batches += handed_out.size();
    for (auto& [key, urls] : handed_out)
      sums.open.urls += urls;
  }
  auto share =
    limits.share_of(head.count, !submitted_before.contains(head.key), sums);
  limited_by = limits.text(share.kept_by, sums);
  if (share.urls == 0)
    return std::optional<batch_head>{};
  if (share.urls == head.count)
    return std::optional{std::move(head)};
  auto part = cut(head, share.urls);
  if (!part)
    return part.error();
  return std::optional{std::move(*part)};
}

caf::expected<batch_head>
sqlite_ledger::impl::cut(const batch_head& whole, size_t count) {
  auto is_of_before = submitted_before.contains(whole.key);
  batch_head part{0,     whole.robot,   whole.depth + 1,
                  count, whole.retries, whole.round};
  auto err = write([&]() -> caf::error {
    auto parts = divide(batch_change::cut, whole, count);
    if (!parts)
      return parts.error();
    search.ended(whole.key);
    part.key = parts->first;
    if (is_of_before)
      submitted_before.insert({parts->first, parts->second});
    return {};
  });
  if (err)
    return err;
  submitted_before.erase(whole.key);
  crash_point(crash_at::batch_cut);
  return part;
}

void sqlite_ledger::impl::hand_out(const batch_head& head) {
  handed_out.emplace(head.key, head.count);
  if (!submitted_before.contains(head.key))
    limits.took(head.count);
}

/// Only the limit of URLs hides planned batches from `any_planned`.
caf::error sqlite_ledger::impl::note_what_is_left() {
  if (!limits.urls_used_up())
    return {};
  static const auto left = "SELECT sum(iif(" + state_is({batch_state::planned})
                           + ", batches, 0)), sum(to_retry) FROM tally";
  auto row = db->use(left);
  if (row.next() && (row.count(0) > handed_out.size() || row.count(1) > 0))
    limited_by = limits.text(submit_limit::urls, {});
  return row.error();
}

} // namespace sluice

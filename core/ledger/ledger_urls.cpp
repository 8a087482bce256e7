// The URLs in one state, batch by batch: memory holds one batch's.

#include "core/ledger/ledger_impl.hpp"
#include "core/model/account.hpp"
#include "core/model/batch.hpp"
#include "core/model/url_table.hpp"

#include <algorithm>

namespace sluice {

namespace {

/// Batches that may hold URLs in `state`, by key.
const char* batches_with(url_state state) {
#define BATCHES_WHERE(condition)                                               \
  "SELECT id, url_count, state, covered, retried, to_retry, reason, "          \
  "end_state, run_id, submitted_at_ms FROM batch WHERE " condition             \
  " ORDER BY id"
  switch (state) {
    case url_state::captured:
      return BATCHES_WHERE("state <> 'split' AND captured > 0");
    case url_state::missing:
      return BATCHES_WHERE("state = 'done' AND outcome = 'completed' AND "
                           "captured + retried + to_retry < url_count");
    case url_state::failed:
      return BATCHES_WHERE("state = 'done' AND outcome <> 'completed' AND "
                           "captured + retried + to_retry < url_count");
    case url_state::rejected:
      return BATCHES_WHERE("state = 'rejected' AND "
                           "retried + to_retry < url_count");
    case url_state::held:
      return BATCHES_WHERE("state = 'held'");
    case url_state::set_aside:
      return BATCHES_WHERE("state = 'set_aside' AND captured < url_count");
    default:
      return BATCHES_WHERE("state IN ('planned', 'in_flight', 'running', "
                           "'ended') OR to_retry > 0");
  }
#undef BATCHES_WHERE
}

/// Of a batch's URLs those in `state`; `row` as `batches_with` selects it.
std::vector<std::string>
those_in(url_state state, const sqlite::statement& row, const url_table& urls) {
  if (state == url_state::captured)
    return covered(urls, row.bytes(3));
  auto left = uncovered(urls, row.bytes(3));
  auto retried = std::min<size_t>(row.count(4), left.size());
  auto waiting = std::min<size_t>(retried + row.count(5), left.size());
  auto at = [&](size_t place) {
    return std::make_move_iterator(left.begin()
                                   + static_cast<ptrdiff_t>(place));
  };
  // Of a batch at its end, those that wait to be retried are pending.
  if (state == url_state::pending && row.count(5) > 0)
    return {at(retried), at(waiting)};
  return {at(waiting), at(left.size())};
}

/// How far a batch is whose URLs are pending.
const char* progress_of(std::string_view state) {
  if (state == "planned")
    return "not submitted yet";
  if (state == "in_flight")
    return "submitted, without a reply yet";
  if (state == "running")
    return "its run is open";
  return state == "ended" ? "its run's captures are being read"
                          : "waits to be submitted again";
}

} // namespace

url_state uncaptured_in(std::string_view state, std::string_view outcome) {
  if (state == "held")
    return url_state::held;
  if (state == "set_aside")
    return url_state::set_aside;
  if (state == "rejected")
    return url_state::rejected;
  if (state == "done")
    return outcome == "completed" ? url_state::missing : url_state::failed;
  return url_state::pending;
}

std::string reason_of(url_state state, std::string_view batch,
                      const std::string& why, const std::string& end) {
  switch (state) {
    case url_state::captured:
      return {};
    case url_state::missing:
    case url_state::failed:
      return printable(end, std::string::npos);
    case url_state::pending:
      return progress_of(batch);
    default:
      return printable(why, std::string::npos);
  }
}

caf::error ledger::impl::each_invalid(
  const std::function<bool(const listed_url&)>& visit) {
  auto row = db->use("SELECT record, source, line, reason FROM invalid"
                     " ORDER BY id");
  while (row.next()) {
    auto reason = printable(row.bytes(1), std::string::npos) + ":" + row.text(2)
                  + ": " + printable(row.bytes(3), std::string::npos);
    if (!visit({row.bytes(0), reason, {}, 0}))
      return {};
  }
  return row.error();
}

caf::error
ledger::each_url(url_state state,
                 const std::function<bool(const listed_url&)>& visit) {
  if (state == url_state::invalid)
    return impl_->each_invalid(visit);
  auto row = impl_->db->use(batches_with(state));
  while (row.next()) {
    auto urls = impl_->urls_of(row.integer(0), row.count(1));
    if (!urls)
      return urls.error();
    auto reason = reason_of(state, row.bytes(2), row.text(6), row.text(7));
    auto run = row.text(8);
    auto submitted = row.bytes(2) == "planned" ? 0 : row.integer(9);
    for (auto& url : those_in(state, row, *urls))
      if (!visit({url, reason, run, submitted}))
        return {};
  }
  return row.error();
}

caf::expected<std::vector<std::string>>
ledger::first_urls(batch_key batch, size_t most) {
  auto head = impl_->db->use("SELECT url_count FROM batch"
                             " WHERE id = ?1 AND state <> 'split'",
                             batch);
  size_t count = head.next() ? head.count(0) : 0;
  if (auto err = head.error())
    return err;
  if (count == 0)
    return std::vector<std::string>{};
  auto urls = impl_->urls_of(batch, count);
  if (!urls)
    return urls.error();
  std::vector<std::string> result;
  for (size_t i = 0; i < urls->size() && i < most; ++i)
    result.emplace_back((*urls)[i]);
  return result;
}

} // namespace sluice

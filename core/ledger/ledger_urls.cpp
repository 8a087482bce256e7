// The URLs in one state, in chunks: only one chunk of batches is in memory, and
// no transaction is open while they are visited.

#include "core/ledger/batch_chunks.hpp"
#include "core/ledger/ledger_impl.hpp"
#include "core/model/account.hpp"
#include "core/model/batch.hpp"
#include "core/model/url_table.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

/// Which batches may hold URLs in `state`.
std::string condition_of(url_state state) {
  constexpr auto has_left = " AND captured + retried + to_retry < url_count";
  switch (state) {
    case url_state::captured:
      return state_is_not(batch_state::split) + " AND captured > 0";
    case url_state::missing:
      return state_is({batch_state::done}) + " AND outcome = 'completed'"
             + has_left;
    case url_state::failed:
      return state_is({batch_state::done}) + " AND outcome <> 'completed'"
             + has_left;
    case url_state::rejected:
      return state_is({batch_state::rejected})
             + " AND retried + to_retry < url_count";
    case url_state::held:
      return state_is({batch_state::held});
    case url_state::set_aside:
      return state_is({batch_state::set_aside}) + " AND captured < url_count";
    default:
      return state_is({batch_state::planned, batch_state::in_flight,
                       batch_state::running, batch_state::ended})
             + " OR to_retry > 0";
  }
}

/// A chunk of these batches, by key.
std::string batches_with(url_state state) {
  return std::string{"SELECT id, url_count, state, covered, retried, to_retry,"
                     " reason, end_state, run_id, submitted_at_ms"}
         + from_chunk + " AND (" + condition_of(state) + ") ORDER BY id";
}

/// The URLs of one batch that are in the state.
struct listed_batch {
  std::vector<std::string> urls;
  std::string reason;
  std::string run;
  int64_t submitted_at_ms = 0;
};

size_t memory_of(const listed_batch& batch) {
  auto sum = sizeof batch;
  for (auto& url : batch.urls)
    sum += sizeof(std::string) + url.size();
  return sum;
}

/// The URLs of a batch that are in `state`; `row` is as `batches_with` selects.
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
  // If a batch is done, its URLs that wait to be retried are pending.
  if (state == url_state::pending && row.count(5) > 0)
    return {at(retried), at(waiting)};
  return {at(waiting), at(left.size())};
}

/// How far along a batch with pending URLs is.
const char* progress_of(batch_state state) {
  switch (state) {
    case batch_state::planned:
      return "not submitted yet";
    case batch_state::in_flight:
      return "submitted, no reply yet";
    case batch_state::running:
      return "its run is open";
    case batch_state::ended:
      return "its run's captures are being read";
    default:
      return "waits to be submitted again";
  }
}

} // namespace

std::string reason_of(url_state state, batch_state batch,
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

caf::error sqlite_ledger::impl::each_invalid(
  const std::function<bool(const listed_url&)>& visit) {
  std::vector<std::pair<std::string, std::string>> chunk; // and the reasons
  int64_t read_to = 0;
  do {
    chunk.clear();
    {
      auto row = db->use("SELECT id, record, source, line, reason FROM invalid"
                         " WHERE id > ?1 ORDER BY id LIMIT 64",
                         read_to);
      while (row.next()) {
        read_to = row.integer(0);
        chunk.emplace_back(row.text(1),
                           printable(row.bytes(2), std::string::npos) + ":"
                             + row.text(3) + ": "
                             + printable(row.bytes(4), std::string::npos));
      }
      if (auto err = row.error())
        return err;
    }
    for (auto& [record, reason] : chunk)
      if (!visit({record, reason, {}, 0}))
        return {};
  } while (!chunk.empty());
  return {};
}

caf::error
sqlite_ledger::each_url(url_state state,
                        const std::function<bool(const listed_url&)>& visit) {
  if (state == url_state::invalid)
    return impl_->each_invalid(visit);
  auto sql = batches_with(state);
  batch_chunks chunks{*impl_->db, sql};
  std::vector<listed_batch> chunk;
  auto keep = [&](const sqlite::statement& row) -> caf::expected<size_t> {
    auto urls = impl_->urls_of(row.integer(0), row.count(1));
    if (!urls)
      return urls.error();
    auto batch = read_state(*impl_->db, row.bytes(2));
    if (!batch)
      return batch.error();
    chunk.push_back({those_in(state, row, *urls),
                     reason_of(state, *batch, row.text(6), row.text(7)),
                     row.text(8),
                     *batch == batch_state::planned ? 0 : row.integer(9)});
    return memory_of(chunk.back());
  };
  while (!chunks.at_end()) {
    chunk.clear();
    if (auto err = chunks.read_next(keep))
      return err;
    for (auto& batch : chunk)
      for (auto& url : batch.urls)
        if (!visit({url, batch.reason, batch.run, batch.submitted_at_ms}))
          return {};
  }
  return {};
}

caf::expected<std::vector<std::string>>
sqlite_ledger::first_urls(batch_key batch, size_t most) {
  static const auto count_of = "SELECT url_count FROM batch WHERE id = ?1 AND "
                               + state_is_not(batch_state::split);
  auto head = impl_->db->use(count_of, batch);
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

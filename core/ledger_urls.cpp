// The URLs in one state, batch by batch: memory holds one batch's.

#include "core/ledger_impl.hpp"

#include <algorithm>

namespace sluice {

namespace {

/// Batches that may hold URLs in `state`, by key.
const char* batches_with(url_state state) {
#define BATCHES_WHERE(condition)                                               \
  "SELECT id, url_count, state, covered, retried, to_retry FROM batch "        \
  "WHERE " condition " ORDER BY id"
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
      return BATCHES_WHERE("state = 'rejected'");
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
  // Of a done batch, those that wait to be retried are pending.
  if (state == url_state::pending && row.bytes(2) == "done")
    return {at(retried), at(waiting)};
  return {at(waiting), at(left.size())};
}

} // namespace

caf::error
ledger::impl::each_invalid(const std::function<bool(std::string_view)>& visit) {
  auto row = db->use("SELECT record FROM invalid ORDER BY id");
  while (row.next())
    if (!visit(row.bytes(0)))
      return {};
  return row.error();
}

caf::error
ledger::each_url(url_state state,
                 const std::function<bool(std::string_view)>& visit) {
  if (state == url_state::invalid)
    return impl_->each_invalid(visit);
  auto row = impl_->db->use(batches_with(state));
  while (row.next()) {
    auto urls = impl_->urls_of(row.integer(0), row.count(1));
    if (!urls)
      return urls.error();
    for (auto& url : those_in(state, row, *urls))
      if (!visit(url))
        return {};
  }
  return row.error();
}

} // namespace sluice

// What became of one URL. URLs have no index: all batches are read, in chunks.

#include "core/base/url.hpp"
#include "core/ledger/batch_chunks.hpp"
#include "core/ledger/ledger_impl.hpp"
#include "core/model/account.hpp"
#include "core/model/batch.hpp"
#include "core/model/import_target.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sluice {

namespace {

/// The columns of a batch that say what became of its URLs.
struct batch_fate {
  batch_standing standing;
  std::string covered;
  size_t retried = 0;
  size_t to_retry = 0;
  std::string why; ///< it is held, rejected or set aside
  std::string end; ///< of its run

  /// The state of the URL at `place`; nullopt if a later batch has it.
  [[nodiscard]] std::optional<url_state> of(size_t place) const {
    if (is_covered(covered, place))
      return url_state::captured;
    size_t left = place; // URLs before it without a capture
    for (size_t i = 0; i < place; ++i)
      left -= is_covered(covered, i) ? 1 : 0;
    if (left < retried)
      return std::nullopt;
    return left < retried + to_retry
             ? url_state::pending
             : uncaptured_in(standing.state, standing.outcome);
  }
};

caf::expected<batch_fate>
read_fate(const sqlite::database& db, const sqlite::statement& row) {
  auto standing = read_standing(db, row.bytes(6), row.bytes(7));
  if (!standing)
    return standing.error();
  return batch_fate{*standing,     row.text(8),  row.count(9),
                    row.count(10), row.text(11), row.text(12)};
}

/// Where a URL was, without what became of it.
url_place read_place(const sqlite::statement& row, batch_state state) {
  url_place place;
  place.batch = row.integer(0);
  place.robot = row.text(1);
  place.run_id = row.text(2);
  place.submitted_at_ms = state == batch_state::planned ? 0 : row.integer(3);
  place.urls = row.count(4);
  place.captures = row.count(5);
  return place;
}

/// A chunk of all batches that have URLs.
std::string any_batches() {
  return std::string{"SELECT id, url_count"} + from_chunk + " AND "
         + state_is_not(batch_state::split) + " ORDER BY id";
}

} // namespace

caf::error sqlite_ledger::impl::add_given_up(batch_key batch,
                                             std::vector<url_place>& places) {
  std::vector<url_place> found;
  for (std::optional<batch_key> next = batch; next;) {
    auto row = db->use("SELECT id, robot, run_id, submitted_at_ms, url_count,"
                       " captures, state, parent, reason FROM batch"
                       " WHERE id = ?1",
                       *next);
    auto is_there = row.next();
    if (auto err = row.error())
      return err;
    // A batch that was split for its size has neither a run nor a reason.
    if (is_there && row.bytes(6) == name_of(batch_state::split)
        && !(row.is_null(2) && row.is_null(8))) {
      found.push_back(read_place(row, batch_state::split));
      found.back().given_up = true;
    }
    auto has_parent =
      is_there && !row.is_null(7) && row.integer(7) < *next; // no circle
    next = has_parent ? std::optional{row.integer(7)} : std::nullopt;
  }
  places.insert(places.end(), std::make_move_iterator(found.rbegin()),
                std::make_move_iterator(found.rend()));
  return {};
}

caf::error sqlite_ledger::impl::add_places(batch_key batch,
                                           std::string_view url,
                                           std::vector<url_place>& places) {
  static const auto by_key =
    "SELECT id, robot, run_id, submitted_at_ms, url_count, captures, state,"
    " outcome, covered, retried, to_retry, reason, end_state, parent"
    " FROM batch WHERE id = ?1 AND "
    + state_is_not(batch_state::split);
  auto row = db->use(by_key, batch);
  if (!row.next()) // its parts follow
    return row.error();
  auto urls = urls_of(batch, row.count(4));
  if (!urls)
    return urls.error();
  auto fate = read_fate(*db, row);
  if (!fate)
    return fate.error();
  if (!row.is_null(13))
    if (auto err = add_given_up(row.integer(13), places))
      return err;
  auto state = fate->standing.state;
  for (size_t at = 0; at < urls->size(); ++at) {
    if ((*urls)[at] != url)
      continue;
    auto place = read_place(row, state);
    place.state = fate->of(at);
    if (place.state)
      place.reason = reason_of(*place.state, state, fate->why, fate->end);
    places.push_back(std::move(place));
  }
  return row.error();
}

caf::expected<std::vector<url_place>>
sqlite_ledger::find_url(std::string_view url, size_t limit) {
  static const auto batches = any_batches();
  batch_chunks chunks{*impl_->db, batches};
  std::vector<batch_key> found;
  auto look_into = [&](const sqlite::statement& row) -> caf::expected<size_t> {
    auto urls = impl_->urls_of(row.integer(0), row.count(1));
    if (!urls)
      return urls.error();
    if (std::find(urls->begin(), urls->end(), url) != urls->end())
      found.push_back(row.integer(0));
    return urls->bytes();
  };
  std::vector<url_place> places;
  // The last chunk and all places are read from one snapshot of the ledger.
  // Otherwise a batch could be missed if it takes the URL from another batch
  // between two reads.
  auto look_further = [&]() -> caf::error {
    if (auto err = chunks.read_next(look_into))
      return err;
    if (!chunks.at_end() && found.size() < limit)
      return {};
    places.clear();
    for (auto batch : found)
      if (places.size() < limit)
        if (auto err = impl_->add_places(batch, url, places))
          return err;
    return {};
  };
  while (!chunks.at_end() && places.size() < limit)
    if (auto err = impl_->db->read(look_further))
      return err;
  places.resize(std::min(places.size(), limit));
  return places;
}

caf::expected<std::optional<std::string>>
sqlite_ledger::find_spelling(std::string_view url) {
  auto wanted = normal_form(url);
  static const auto batches = any_batches();
  batch_chunks chunks{*impl_->db, batches};
  std::optional<std::string> result;
  auto look_into = [&](const sqlite::statement& row) -> caf::expected<size_t> {
    if (result)
      return size_t{0};
    auto urls = impl_->urls_of(row.integer(0), row.count(1));
    if (!urls)
      return urls.error();
    for (auto other : *urls)
      if (!result && other != url && normal_form(other) == wanted)
        result = std::string{other};
    return urls->bytes();
  };
  while (!result && !chunks.at_end())
    if (auto err = chunks.read_next(look_into))
      return err;
  return result;
}

caf::expected<std::optional<invalid_record>>
sqlite_ledger::find_invalid(std::string_view text) {
  auto row = impl_->db->use("SELECT source, line, record, reason FROM invalid"
                            " WHERE record = ?1 ORDER BY id LIMIT 1",
                            sqlite::blob{text.substr(0, max_url_bytes)});
  std::optional<invalid_record> result;
  if (row.next())
    result =
      invalid_record{row.text(0), row.count(1), row.text(2), row.text(3)};
  if (auto err = row.error())
    return err;
  return result;
}

} // namespace sluice

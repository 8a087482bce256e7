// Reads many batches in chunks, by key, for searches and lists of URLs. Between
// two chunks no transaction is open: one that stays open keeps SQLite from
// reusing the ledger's -wal, so that a slow reader would let it grow as long as
// the job runs.

#pragma once

#include "core/db/sqlite.hpp"
#include "core/model/batch.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace sluice {

/// FROM and WHERE of an SQL text that reads a chunk. An index by state would be
/// read from its beginning for each chunk.
inline constexpr auto from_chunk =
  " FROM batch NOT INDEXED WHERE id > ?1 AND id <= ?2";

class batch_chunks {
public:
  /// Takes a row and returns how many bytes it read or kept for it.
  using taker = std::function<caf::expected<size_t>(const sqlite::statement&)>;

  /// `sql` selects from `from_chunk`, ordered by key, its first column. It must
  /// be constant, as for `database::use`.
  batch_chunks(sqlite::database& db, const std::string& sql)
      : db_{db}, sql_{sql} {}

  /// Calls `take` with each row of the next chunk. A chunk ends after 256
  /// batches, or once `take` has returned 256 KiB in total. It is a consistent
  /// snapshot of the ledger. A batch that is added meanwhile belongs to a later
  /// chunk, because its key is higher.
  [[nodiscard]] caf::error read_next(const taker& take);

  /// No batch was left after the last chunk.
  [[nodiscard]] bool at_end() const noexcept { return at_end_; }

private:
  caf::error read_range(const taker& take);

  sqlite::database& db_;
  const std::string& sql_;
  batch_key read_to_ = INT64_MIN;
  bool at_end_ = false;
};

} // namespace sluice

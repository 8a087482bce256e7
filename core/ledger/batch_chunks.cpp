#include "core/ledger/batch_chunks.hpp"

#include "core/base/error.hpp"

#include <cstdint>
#include <optional>

namespace sluice {

namespace {

constexpr size_t most_chunk_bytes = 256 << 10;

/// The last key of the 256 batches after `key`; nullopt if fewer are left.
caf::expected<std::optional<batch_key>>
end_of_range(sqlite::database& db, batch_key key) {
  std::optional<batch_key> result;
  auto row = db.use(
    "SELECT id FROM batch WHERE id > ?1 ORDER BY id LIMIT 1 OFFSET 255", key);
  if (row.next())
    result = row.integer(0);
  if (auto err = row.error())
    return err;
  return result;
}

} // namespace

caf::error batch_chunks::read_next(const taker& take) {
  return db_.read([&] { return read_range(take); });
}

caf::error batch_chunks::read_range(const taker& take) {
  auto end = end_of_range(db_, read_to_);
  if (!end)
    return end.error();
  size_t kept = 0;
  auto row = db_.use(sql_, read_to_, end->value_or(INT64_MAX));
  while (row.next()) {
    auto bytes = take(row);
    if (!bytes)
      return bytes.error();
    read_to_ = row.integer(0);
    kept += *bytes;
    if (kept >= most_chunk_bytes)
      return {};
  }
  read_to_ = end->value_or(read_to_);
  at_end_ = !*end;
  return row.error();
}

} // namespace sluice

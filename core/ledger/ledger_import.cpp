#include "core/base/crash_point.hpp"
#include "core/ledger/ledger_impl.hpp"
#include "core/model/import_target.hpp"
#include "core/model/list_identity.hpp"

namespace sluice {

namespace {

/// Additions are committed after about this many bytes: enough that syncing
/// costs little, few enough that the WAL stays small.
constexpr size_t chunk_limit = 4 << 20;

/// What a row costs besides its text and block.
constexpr size_t row_overhead = 128;

caf::expected<import_counts> stored_counts(sqlite::database& db) {
  import_counts result;
  auto row = db.use("SELECT records, invalid, duplicates, urls, batches"
                    " FROM job");
  if (row.next()) {
    result.records = row.count(0);
    result.invalid = row.count(1);
    result.duplicates = row.count(2);
    result.urls = row.count(3);
    result.batches = row.count(4);
  }
  if (auto err = row.error())
    return err;
  return result;
}

/// What the tables hold, to be compared with what the import says.
caf::expected<import_counts> counted(sqlite::database& db) {
  import_counts result;
  auto row = db.use("SELECT sum(urls), sum(batches),"
                    " (SELECT count(*) FROM invalid) FROM tally");
  if (row.next()) {
    result.urls = row.count(0);
    result.batches = row.count(1);
    result.invalid = row.count(2);
  }
  if (auto err = row.error())
    return err;
  return result;
}

} // namespace

caf::error sqlite_ledger::impl::grow_chunk(size_t bytes) {
  if (!importing)
    return misused("an import adds before it has begun");
  if (chunk_open && chunk_bytes + bytes > chunk_limit)
    if (auto err = end_chunk())
      return err;
  if (!chunk_open)
    if (auto err = db->begin())
      return err;
  chunk_open = true;
  chunk_bytes += bytes;
  return {};
}

caf::error sqlite_ledger::impl::end_chunk() {
  if (!chunk_open)
    return {};
  chunk_open = false;
  chunk_bytes = 0;
  auto err = added(db->commit());
  crash_point(crash_at::import_chunk);
  return err;
}

caf::error sqlite_ledger::impl::added(caf::error err) {
  if (err) {
    db->rollback();
    chunk_open = false;
    importing = false;
  }
  return err;
}

caf::expected<bool> sqlite_ledger::is_imported() {
  auto row = impl_->db->use("SELECT imported FROM job");
  auto result = row.next() && row.integer(0) != 0;
  if (auto err = row.error())
    return err;
  return result;
}

caf::error sqlite_ledger::begin_import() {
  auto imported = is_imported();
  if (!imported)
    return imported.error();
  if (*imported)
    return impl_->misused("an import begins after one was finished");
  auto err = impl_->write([&] {
    // Without delete triggers, each of these empties its table in one step.
    return impl_->db->script("DELETE FROM batch; DELETE FROM block;"
                             "DELETE FROM invalid; DELETE FROM tally;"
                             "DELETE FROM list;"
                             "UPDATE job SET begun_ms ="
                             " CAST(strftime('%s', 'now') AS INTEGER) * 1000;");
  });
  impl_->importing = !err;
  return err;
}

caf::error sqlite_ledger::add_batch(std::string_view robot,
                                    const std::vector<std::string_view>& urls) {
  if (urls.empty())
    return impl_->misused("an import adds an empty batch");
  size_t bytes = row_overhead + robot.size();
  for (auto url : urls)
    bytes += url.size() / 4; // about what is left after compression
  if (auto err = impl_->grow_chunk(bytes))
    return impl_->added(err);
  return impl_->added(impl_->insert_batch(robot, urls, {}));
}

caf::error sqlite_ledger::add_invalid(const invalid_record& record) {
  auto bytes = row_overhead + record.source.size() + record.text.size()
               + record.reason.size();
  if (auto err = impl_->grow_chunk(bytes))
    return impl_->added(err);
  auto row = impl_->db->use("INSERT INTO invalid (source, line, record, reason)"
                            " VALUES (?1, ?2, ?3, ?4)",
                            record.source, record.line,
                            sqlite::blob{record.text}, record.reason);
  return impl_->added(row.run());
}

caf::error sqlite_ledger::add_list(const list_identity& list) {
  auto bytes = row_overhead + list.name.size() + list.reading.size();
  if (auto err = impl_->grow_chunk(bytes))
    return impl_->added(err);
  return impl_->added(impl_->insert_list(list));
}

caf::error sqlite_ledger::impl::insert_list(const list_identity& list) {
  std::optional<uint64_t> size; // NULL: not a file
  std::optional<int64_t> modified;
  if (list.stamp) {
    size = list.stamp->size;
    modified = list.stamp->modified_ns;
  }
  return db
    ->use("INSERT INTO list (name, size, modified_ns, hash, reading)"
          " VALUES (?1, ?2, ?3, ?4, ?5)",
          list.name, size, modified, sqlite::blob{list.hash}, list.reading)
    .run();
}

caf::expected<std::vector<list_identity>> sqlite_ledger::lists() {
  std::vector<list_identity> result;
  auto row = impl_->db->use("SELECT name, size, modified_ns, hash, reading"
                            " FROM list ORDER BY id");
  while (row.next()) {
    list_identity list{row.text(0), {}, std::string{row.bytes(3)}, row.text(4)};
    if (!row.is_null(1))
      list.stamp = file_stamp{row.count(1), {}};
    if (list.stamp && !row.is_null(2))
      list.stamp->modified_ns = row.integer(2);
    result.push_back(std::move(list));
  }
  if (auto err = row.error())
    return err;
  return result;
}

caf::error sqlite_ledger::renew_lists(const std::vector<list_identity>& lists) {
  return impl_->write([&]() -> caf::error {
    if (auto err = impl_->db->script("DELETE FROM list;"))
      return err;
    for (auto& list : lists)
      if (auto err = impl_->insert_list(list))
        return err;
    return {};
  });
}

caf::expected<int64_t> sqlite_ledger::begun_at_ms() {
  auto row = impl_->db->use("SELECT begun_ms FROM job");
  int64_t result = row.next() ? row.integer(0) : 0;
  if (auto err = row.error())
    return err;
  return result;
}

caf::error sqlite_ledger::finish_import(const import_counts& counts) {
  if (!impl_->importing)
    return impl_->misused("an import ends before it has begun");
  auto& db = *impl_->db;
  auto err = impl_->write([&]() -> caf::error {
    auto found = counted(db);
    if (!found)
      return found.error();
    if (found->urls != counts.urls || found->batches != counts.batches
        || found->invalid != counts.invalid
        || counts.records != counts.invalid + counts.duplicates + counts.urls)
      return impl_->misused("the import's counts do not add up");
    return db
      .use("UPDATE job SET imported = 1, records = ?1, invalid = ?2,"
           " duplicates = ?3, urls = ?4, batches = ?5",
           counts.records, counts.invalid, counts.duplicates, counts.urls,
           counts.batches)
      .run();
  });
  if (!err)
    impl_->importing = false;
  crash_point(crash_at::import_finished);
  return err;
}

caf::expected<import_counts> sqlite_ledger::imported() {
  return stored_counts(*impl_->db);
}

} // namespace sluice

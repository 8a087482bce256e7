// What watches over a ledger while it is changed: that its files keep their
// names, and that its count of changes is known outside of it.

#include "core/ledger_impl.hpp"

namespace sluice {

namespace {

/// The first format that counts its changes.
constexpr int64_t first_counting = 4;

caf::expected<uint64_t> changes_of(sqlite::database& db) {
  auto row = db.use("SELECT changes FROM job");
  uint64_t result = row.next() ? row.count(0) : 0;
  if (auto err = row.error())
    return err;
  return result;
}

caf::expected<std::string> id_of(sqlite::database& db) {
  auto row = db.use("SELECT id FROM job");
  auto result = row.next() ? row.text(0) : std::string{};
  if (auto err = row.error())
    return err;
  return result;
}

/// Ids are made of these; another text must not lead out of a folder.
bool is_id(const std::string& text) {
  return !text.empty()
         && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

} // namespace

caf::error
ledger::impl::check_newest(int64_t format, const std::filesystem::path& notes) {
  if (notes.empty())
    return {};
  auto id = id_of(*db);
  if (!id)
    return id.error();
  if (!is_id(*id))
    return damaged("its job has no id");
  ledger_note last{notes, *id};
  auto noted = last.read(); // first: changes may be made meanwhile
  auto found = format < first_counting ? uint64_t{0} : changes_of(*db);
  if (!found)
    return found.error();
  return last.check(db->name(), noted, *found);
}

caf::error ledger::impl::guard(const std::filesystem::path& notes) {
  files.emplace(db->file());
  if (!notes.empty()) {
    auto id = id_of(*db);
    if (!id)
      return id.error();
    note.emplace(notes, *id);
  }
  auto before = [this]() -> caf::error {
    if (auto err = files->check())
      return err;
    // RETURNING would cost a table in memory.
    if (auto err = db->use("UPDATE job SET changes = changes + 1").run())
      return err;
    auto counted = changes_of(*db);
    if (!counted)
      return counted.error();
    changes = *counted;
    return {};
  };
  auto after = [this] {
    if (note)
      note->write(changes);
  };
  db->accompany_commits({before, after});
  return {};
}

} // namespace sluice

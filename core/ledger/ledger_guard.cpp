// Guards a ledger while it is changed: its files must keep their names, and its
// count of changes is noted outside it.

#include "core/base/log.hpp"
#include "core/ledger/ledger_impl.hpp"

#include <utility>

namespace sluice {

namespace {

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

/// Ids have only these characters, so that no id is a path out of a folder.
bool is_id(const std::string& text) {
  return !text.empty()
         && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

} // namespace

caf::expected<uint64_t> sqlite_ledger::changes() {
  return impl_->counts_changes ? changes_of(*impl_->db)
                               : caf::expected<uint64_t>{0};
}

sqlite_ledger::impl::~impl() {
  if (!db)
    return;
  db->rollback();
  set_wal_aside();
}

void sqlite_ledger::impl::set_wal_aside() const {
  if (!lock || !files)
    return;
  if (auto aside = files->set_wal_aside())
    log_event(log_level::warn, "wal_set_aside",
              "another file has the ledger's name now, and the last commits of "
              "the ledger that was moved away are in this file; to continue "
              "with that ledger, first rename this file to its name plus -wal",
              {{"ledger", db->file().native()}, {"file", aside->native()}});
}

caf::expected<ledger_note>
sqlite_ledger::impl::note_in(const std::filesystem::path& notes) {
  auto id = id_of(*db);
  if (!id)
    return id.error();
  if (!is_id(*id))
    return damaged("its job has no id");
  return ledger_note{notes, *id};
}

caf::error sqlite_ledger::impl::claim_job(const std::filesystem::path& notes) {
  if (notes.empty() || note)
    return {};
  auto own = note_in(notes);
  if (!own)
    return own.error();
  if (!own->claim())
    return other_copy(*own);
  note.emplace(std::move(*own));
  return {};
}

caf::error sqlite_ledger::impl::note_count() {
  if (!note)
    return {};
  auto counted = changes_of(*db);
  if (!counted)
    return counted.error();
  note->write(*counted);
  return {};
}

caf::error
sqlite_ledger::impl::check_beside(const std::filesystem::path& notes) {
  if (lock || !note)
    return {};
  if (auto err = check_claim(notes))
    return err;
  return note->check(db->name(), note->read(), changes - 1);
}

caf::error
sqlite_ledger::impl::check_claim(const std::filesystem::path& notes) {
  if (notes.empty())
    return {};
  auto last = note_in(notes);
  if (!last)
    return last.error();
  // A process locks its ledger before it claims the job, and ends its claim
  // first. Checked twice because it may end in between.
  return last->is_claimed() && !ledger_lock::holder(db->file())
             && last->is_claimed()
           ? other_copy(*last)
           : caf::error{};
}

caf::error sqlite_ledger::impl::other_copy(const ledger_note& claimed) const {
  auto place = claimed.place_text();
  return make_error(ec::ledger_locked,
                    "the ledger " + db->name()
                      + " is a copy of one that is in use by another sluice"
                      + (place.empty() ? "" : ", " + place)
                      + ": what that ledger submits would be paid for again. "
                        "Continue with it; `status` can read this copy");
}

caf::error
sqlite_ledger::impl::check_newest(int64_t format,
                                  const std::filesystem::path& notes) {
  if (notes.empty())
    return {};
  auto last = note_in(notes);
  if (!last)
    return last.error();
  auto noted = last->read(); // first: changes may be made meanwhile
  auto found = format < first_counting_format ? uint64_t{0} : changes_of(*db);
  if (!found)
    return found.error();
  return last->check(db->name(), noted, *found);
}

caf::error sqlite_ledger::impl::guard(const std::filesystem::path& notes) {
  files.emplace(db->file());
  if (lock) {
    if (auto err = claim_job(notes))
      return err;
    if (auto err = note_count())
      return err;
  } else if (!notes.empty()) {
    // Without an id nothing can be changed, so there is nothing to note.
    if (auto own = note_in(notes))
      note.emplace(std::move(*own));
  }
  auto before = [this, notes]() -> caf::error {
    if (auto err = files->check())
      return err;
    // RETURNING would cost a table in memory.
    if (auto err = db->use("UPDATE job SET changes = changes + 1").run())
      return err;
    auto counted = changes_of(*db);
    if (!counted)
      return counted.error();
    changes = *counted;
    return check_beside(notes);
  };
  auto after = [this] {
    if (!note)
      return;
    // Only a ledger that the job continues with is noted as the job's place.
    if (lock && !std::exchange(is_placed, true))
      note->write_place(db->file(), changes);
    else
      note->write(changes);
  };
  db->accompany_commits({before, after});
  return {};
}

} // namespace sluice

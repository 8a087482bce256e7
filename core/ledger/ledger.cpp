#include "core/ledger/ledger.hpp"

#include "core/base/job_command.hpp"
#include "core/ledger/ledger_copy.hpp"
#include "core/ledger/ledger_formats.hpp"
#include "core/ledger/ledger_impl.hpp"
#include "core/ledger/ledger_schema.hpp"
#include "core/model/url_table.hpp"

#include <unistd.h>

#include <random>
#include <system_error>

namespace sluice {

namespace {

/// The first format that counts by rounds.
constexpr int64_t first_with_rounds = 6;

caf::error not_begun(const std::string& why) {
  return make_error(ec::usage, why + ": the job has not begun; `"
                                 + job_command("run") + "` begins it");
}

caf::error old_format(const sqlite::database& db) {
  return make_error(ec::ledger_unusable,
                    "the ledger " + db.name()
                      + " has an earlier format, which can be read but not "
                        "changed: run `"
                      + job_command("run")
                      + "` once, which converts the ledger to the new format");
}

} // namespace

sqlite_ledger::sqlite_ledger(std::unique_ptr<impl> state)
    : impl_{std::move(state)} {}

sqlite_ledger::~sqlite_ledger() = default;

caf::expected<std::unique_ptr<ledger>>
open_ledger(const std::filesystem::path& file,
            const std::filesystem::path& notes) {
  auto lock = ledger_lock::take(ledger_lock::one_name_of(file));
  if (!lock)
    return lock.error();
  return open_ledger(file, notes, std::move(*lock));
}

caf::expected<std::unique_ptr<ledger>>
open_ledger(const std::filesystem::path& file,
            const std::filesystem::path& notes, ledger_lock lock) {
  auto name = ledger_lock::one_name_of(file);
  auto db = sqlite::database::open(name);
  if (!db)
    return db.error();
  if (auto err = lock.cover(name))
    return err;
  auto format = recognise_ledger(**db);
  if (!format)
    return format.error();
  auto state =
    std::make_unique<sqlite_ledger::impl>(std::move(lock), std::move(*db));
  if (*format) {
    if (auto err = state->claim_job(notes))
      return err;
    if (auto err = state->check_newest(**format, notes))
      return err;
  }
  if (auto err = prepare_ledger(*state->db, *format))
    return err;
  if (auto err = state->guard(notes))
    return err;
  return std::make_unique<sqlite_ledger>(std::move(state));
}

caf::expected<std::unique_ptr<ledger>>
attach_ledger(const std::filesystem::path& file,
              const std::filesystem::path& notes) {
  std::error_code failed;
  if (!std::filesystem::exists(file, failed))
    return not_begun("there is no ledger '" + printable(file.native()) + "'");
  auto db = sqlite::database::open(ledger_lock::one_name_of(file));
  if (!db)
    return db.error();
  auto format = recognise_ledger(**db);
  if (!format)
    return format.error();
  if (!*format)
    return not_begun("the ledger " + (*db)->name() + " is empty");
  auto state =
    std::make_unique<sqlite_ledger::impl>(std::nullopt, std::move(*db));
  state->has_rounds = **format >= first_with_rounds;
  state->counts_changes = **format >= first_counting_format;
  state->only_read = state->check_newest(**format, notes);
  if (!state->only_read && **format < ledger_format) {
    state->is_of_earlier_format = true;
    state->only_read = old_format(*state->db);
  }
  if (!state->only_read)
    state->only_read = state->check_claim(notes);
  if (auto err = state->guard(notes))
    return err;
  return std::make_unique<sqlite_ledger>(std::move(state));
}

caf::expected<ledger_lock> sqlite_ledger::close() {
  if (auto err = impl_->end_chunk())
    return err;
  {
    auto row = impl_->db->use("PRAGMA wal_checkpoint(TRUNCATE)");
    auto is_busy = row.next() && row.integer(0) != 0;
    if (auto err = row.error())
      return err;
    if (is_busy)
      return make_error(ec::ledger_locked,
                        "another program keeps reading the ledger "
                          + impl_->db->name() + ": end it, then run again");
  }
  impl_->db.reset();
  return std::move(*impl_->lock);
}

caf::error sqlite_ledger::copy_to(const std::filesystem::path& file) {
  std::random_device device;
  auto unfinished = file;
  unfinished += "." + std::to_string(::getpid()) + "-"
                + std::to_string(device() % 10'000) + ".tmp";
  auto err = ledger_copy{file, unfinished}.make(*impl_->db);
  if (code_of(err) != ec::disk)
    return err;
  return make_error(ec::disk, "the copy '" + printable(file.native())
                                + "' cannot be made: " + what_of(err)
                                + ". No part of it is left; make sure that "
                                  "its folder is writable and has room for a "
                                  "second ledger");
}

caf::error sqlite_ledger::discard() {
  if (impl_->only_read || !impl_->lock)
    return impl_->misused("discard was called without the ledger's lock");
  auto imported = is_imported();
  if (!imported)
    return imported.error();
  if (*imported)
    return impl_->misused("discard was called after an import");
  if (auto err = impl_->files->check())
    return err;
  impl_->db->rollback();
  auto file = impl_->db->file();
  impl_->db.reset();
  if (impl_->note)
    impl_->note->remove();
  remove_ledger_files(file);
  return {};
}

const caf::error& sqlite_ledger::only_read() const {
  return impl_->only_read;
}

bool sqlite_ledger::is_of_earlier_format() const {
  return impl_->is_of_earlier_format;
}

caf::expected<std::string> sqlite_ledger::job_id() {
  auto row = impl_->db->use("SELECT id FROM job");
  if (row.next())
    return row.text(0);
  return row.error() ? row.error() : impl_->damaged("its job is gone");
}

caf::error sqlite_ledger::begin_group() {
  if (auto err = impl_->end_chunk())
    return err;
  return impl_->db->begin_group();
}

caf::error sqlite_ledger::end_group() {
  return impl_->db->end_group();
}

caf::error sqlite_ledger::impl::write(const std::function<caf::error()>& body) {
  if (only_read)
    return only_read;
  if (auto err = end_chunk())
    return err;
  auto err = db->write(body);
  if (err)
    pools.reset(); // they may count changes that were undone
  return err;
}

caf::error
sqlite_ledger::impl::wrong_state(batch_key batch, const std::string& expected) {
  auto row = db->use("SELECT state FROM batch WHERE id = ?1", batch);
  auto found = row.next() ? row.text(0) : std::string{"unknown"};
  if (auto err = row.error())
    return err;
  return misused("batch " + std::to_string(batch) + " is " + found
                 + " where it should be " + expected);
}

caf::error sqlite_ledger::impl::misused(const std::string& what) const {
  return make_error(ec::internal,
                    "the ledger " + db->name() + " was used wrongly: " + what
                      + ". This is a bug in sluice: please report it");
}

caf::error damaged(const sqlite::database& db, const std::string& what) {
  return make_error(ec::ledger_unusable,
                    "the ledger " + db.name() + " is damaged: " + what
                      + ". Restore a copy, or name another file (a new "
                        "ledger submits every URL again)");
}

caf::expected<batch_state>
read_state(const sqlite::database& db, std::string_view state) {
  if (auto known = batch_state_named(state))
    return *known;
  return damaged(db, "a batch is in a state that no version of sluice knows, '"
                       + printable(state, 40) + "'");
}

caf::expected<batch_standing> read_standing(const sqlite::database& db,
                                            std::string_view state,
                                            std::string_view outcome) {
  auto known = read_state(db, state);
  if (!known)
    return known.error();
  batch_standing result{*known, run_outcome_named(outcome)};
  if (!result.outcome && !outcome.empty())
    return damaged(db, "a run has an outcome that no version of sluice knows, '"
                         + printable(outcome, 40) + "'");
  return result;
}

caf::error
sqlite_ledger::impl::insert_batch(std::string_view robot,
                                  const std::vector<std::string_view>& urls,
                                  const origin& from) {
  auto block = packer.pack(urls);
  if (!block)
    return block.error();
  static const auto insert =
    "INSERT INTO batch (state, robot, depth, parent, retries, round,"
    " url_count) VALUES ("
    + quoted(batch_state::planned) + ", ?1, ?2, ?3, ?4, ?5, ?6)";
  if (auto err = db->use(insert, robot, from.depth, from.parent, from.retries,
                         from.round, urls.size())
                   .run())
    return err;
  return db
    ->use("INSERT INTO block VALUES (?1, ?2)", db->last_key(),
          sqlite::blob{*block})
    .run();
}

caf::expected<url_table>
sqlite_ledger::impl::urls_of(batch_key batch, size_t count) {
  auto row = db->use("SELECT urls FROM block WHERE batch = ?1", batch);
  if (!row.next())
    return row.error() ? row.error()
                       : damaged("the URLs of batch " + std::to_string(batch)
                                 + " are gone");
  auto urls = unpacker.unpack(row.bytes(0), count);
  if (!urls)
    return damaged("batch " + std::to_string(batch) + ", "
                   + what_of(urls.error()));
  return urls;
}

} // namespace sluice

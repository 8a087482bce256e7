// What a ledger's job is bound to.

#include "core/base/job_command.hpp"
#include "core/ledger/ledger_impl.hpp"
#include "core/model/checkpoint.hpp"

namespace sluice {

namespace {

caf::expected<job_binding> stored_identity(sqlite::database& db) {
  job_binding result;
  auto row = db.use("SELECT name, value FROM binding");
  while (row.next())
    result.emplace_back(row.text(0), row.text(1));
  if (auto err = row.error())
    return err;
  return result;
}

} // namespace

caf::error sqlite_ledger::check_bound(const job_binding& identity) {
  auto old = stored_identity(*impl_->db);
  if (!old)
    return old.error();
  auto changed =
    old->empty() ? "" : differences(carried_over(*old, identity), identity);
  if (changed.empty())
    return {};
  return make_error(ec::usage,
                    "the job of the ledger " + impl_->db->name()
                      + " was begun with other settings: " + changed
                      + ". Change them back to continue it. If files or "
                        "addresses have moved, `"
                      + job_command("relocate")
                      + "` checks them and lets the job continue there. For a "
                        "new job, name another ledger, or leave this one: "
                        "with --again if it is finished, with "
                        "--discard-unfinished if it is not");
}

caf::error sqlite_ledger::bind(const job_binding& identity) {
  if (auto err = check_bound(identity))
    return err;
  return impl_->write([&] { return impl_->store_identity(identity); });
}

caf::error sqlite_ledger::rebind(const job_binding& identity,
                                 const std::vector<moved_sink>& sinks) {
  auto& db = *impl_->db;
  return impl_->write([&]() -> caf::error {
    if (auto err = db.script("DELETE FROM binding; DELETE FROM sink;"))
      return err;
    for (auto& sink : sinks)
      if (sink.position)
        if (auto err = db.use("INSERT INTO sink VALUES (?1, ?2)", sink.name,
                              sqlite::blob{*sink.position})
                         .run())
          return err;
    return impl_->store_identity(identity);
  });
}

caf::error sqlite_ledger::leave_for(const std::string& job_id) {
  return impl_->write([&]() -> caf::error {
    if (!job_id.empty())
      return impl_->store_identity({{std::string{left_for_entry}, job_id}});
    return impl_->db->use("DELETE FROM binding WHERE name = ?1", left_for_entry)
      .run();
  });
}

caf::expected<std::string> sqlite_ledger::left_for() {
  auto found = stored_identity(*impl_->db);
  if (!found)
    return found.error();
  auto* id = value_in(*found, left_for_entry);
  return id == nullptr ? std::string{} : *id;
}

caf::error sqlite_ledger::impl::store_identity(const job_binding& identity) {
  for (auto& [name, value] : identity)
    if (auto err = db->use("INSERT INTO binding VALUES (?1, ?2) ON CONFLICT"
                           " DO UPDATE SET value = excluded.value"
                           " WHERE value <> excluded.value",
                           name, value)
                     .run())
      return err;
  return {};
}

caf::expected<job_binding> sqlite_ledger::identity() {
  return stored_identity(*impl_->db);
}

} // namespace sluice

#include "core/ledger/ledger_migrations.hpp"

#include "core/base/log.hpp"
#include "core/ledger/ledger_copy.hpp"
#include "core/ledger/ledger_files.hpp"
#include "core/ledger/ledger_formats.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace sluice {

namespace {

caf::error not_copied(const sqlite::database& db,
                      const std::filesystem::path& copy,
                      const std::string& why) {
  return make_error(
    ec::disk, "the ledger " + db.name()
                + " has an earlier format and must be copied first; "
                  "the copy '"
                + printable(copy.native()) + "' failed: " + why
                + ". Nothing was changed: make sure that its folder can be "
                  "written and has room for a second ledger, then run "
                  "again");
}

caf::error
copy_ledger(sqlite::database& db, const std::filesystem::path& copy) {
  struct stat found {};
  if (::stat(db.file().c_str(), &found) != 0)
    return not_copied(db, copy, std::strerror(errno));
  ledger_copy plan{copy, unfinished_copy_of(copy),
                   static_cast<mode_t>(found.st_mode & 07777), true};
  auto err = plan.make(db);
  return code_of(err) == ec::disk ? not_copied(db, copy, what_of(err)) : err;
}

} // namespace

caf::error migrate_ledger(sqlite::database& db, int64_t from) {
  auto copy = copy_of_format(db.file(), from);
  if (auto err = copy_ledger(db, copy))
    return err;
  auto err = db.write([&] { return run_migrations(db, from, ledger_format); });
  if (!err)
    log_event(log_level::info, "ledger_migrated",
              "the ledger was converted to the format of this sluice; the old "
              "one is kept as a copy",
              {{"from", from}, {"to", ledger_format}, {"copy", copy.native()}});
  return err;
}

} // namespace sluice

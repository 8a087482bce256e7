#include "core/ledger_migrations.hpp"

#include "core/file_descriptor.hpp"
#include "core/log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sluice {

namespace {

/// The copy while it is made: removed unless it became whole.
class unfinished_copy {
public:
  explicit unfinished_copy(std::filesystem::path file)
      : file_{std::move(file)} {
    ::unlink(file_.c_str()); // of a process that was killed
  }
  unfinished_copy(const unfinished_copy&) = delete;
  unfinished_copy& operator=(const unfinished_copy&) = delete;
  ~unfinished_copy() { ::unlink(file_.c_str()); }

  /// Creates it, empty, with the permissions of `ledger`. 0, or errno, as the
  /// next.
  [[nodiscard]] int create_like(const std::filesystem::path& ledger) {
    struct stat found {};
    if (::stat(ledger.c_str(), &found) != 0)
      return errno;
    fd_ = file_descriptor{
      ::open(file_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (!fd_ || ::fchmod(fd_.get(), found.st_mode & 07777) != 0)
      return errno;
    return 0;
  }

  /// Makes it durable under its final name.
  [[nodiscard]] int finish_as(const std::filesystem::path& name) {
    if (::fsync(fd_.get()) != 0 || ::rename(file_.c_str(), name.c_str()) != 0)
      return errno;
    file_descriptor folder{
      ::open(name.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    return folder && ::fsync(folder.get()) == 0 ? 0 : errno;
  }

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

private:
  std::filesystem::path file_;
  file_descriptor fd_;
};

caf::error not_copied(const sqlite::database& db,
                      const std::filesystem::path& copy,
                      const std::string& why) {
  return make_error(ec::disk,
                    "the ledger " + db.name()
                      + " is of an earlier format, and the copy of it that is "
                        "made first, '"
                      + printable(copy.native()) + "', failed: " + why
                      + ". Nothing was changed: see that its folder can be "
                        "written and has room for a second ledger, then run "
                        "again");
}

caf::error
copy_ledger(sqlite::database& db, const std::filesystem::path& copy) {
  unfinished_copy unfinished{unfinished_copy_of(copy)};
  if (auto number = unfinished.create_like(db.file()))
    return not_copied(db, copy, std::strerror(number));
  if (auto err = db.use("VACUUM INTO ?1", unfinished.file().native()).run())
    return code_of(err) == ec::disk ? not_copied(db, copy, what_of(err)) : err;
  if (auto number = unfinished.finish_as(copy))
    return not_copied(db, copy, std::strerror(number));
  return {};
}

} // namespace

std::filesystem::path
copy_of_format(std::filesystem::path ledger, int64_t format) {
  return ledger += ".format" + std::to_string(format);
}

std::filesystem::path unfinished_copy_of(std::filesystem::path copy) {
  return copy += ".tmp";
}

caf::error migrate_ledger(sqlite::database& db, int64_t from) {
  auto copy = copy_of_format(db.file(), from);
  if (auto err = copy_ledger(db, copy))
    return err;
  auto err = db.write([&] { return run_migrations(db, from, ledger_format); });
  if (!err)
    log_event(log_level::info, "ledger_migrated",
              "the ledger was brought to the format of this sluice; as it was "
              "before, it is kept as a copy",
              {{"from", from},
               {"to", ledger_format},
               {"copy", printable(copy.native())}});
  return err;
}

} // namespace sluice

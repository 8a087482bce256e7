#include "core/ledger/ledger_copy.hpp"

#include "core/base/file_descriptor.hpp"
#include "core/base/sync_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace sluice {

namespace {

caf::error failed(int number) {
  return make_error(ec::disk, std::strerror(number));
}

/// A copy in progress: removed unless it is completed.
class unfinished_copy {
public:
  explicit unfinished_copy(const ledger_copy& plan) : plan_{plan} {
    if (plan_.replaces)
      ::unlink(plan_.unfinished.c_str()); // of a process that was killed
  }
  unfinished_copy(const unfinished_copy&) = delete;
  unfinished_copy& operator=(const unfinished_copy&) = delete;
  ~unfinished_copy() {
    if (fd_)
      ::unlink(plan_.unfinished.c_str());
  }

  /// Creates it, empty. Returns 0 or errno, as `finish` does.
  [[nodiscard]] int create() {
    fd_ = file_descriptor{::open(plan_.unfinished.c_str(),
                                 O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    return fd_ && ::fchmod(fd_.get(), plan_.mode) == 0 ? 0 : errno;
  }

  /// Makes it durable under its final name.
  [[nodiscard]] int finish() {
    if (::fsync(fd_.get()) != 0)
      return errno;
    if (auto number = rename())
      return number;
    auto number = sync_folder_of(plan_.copy);
    if (number != 0 && !plan_.replaces)
      ::unlink(plan_.copy.c_str());
    return number;
  }

private:
  [[nodiscard]] int rename() {
    auto* from = plan_.unfinished.c_str();
    auto* to = plan_.copy.c_str();
    if (plan_.replaces)
      return ::rename(from, to) == 0 ? 0 : errno;
    // A link replaces nothing, and works where renameat2 has no such flag.
    auto is_done =
      ::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0
      || (errno == EINVAL && ::link(from, to) == 0);
    return is_done ? 0 : errno;
  }

  const ledger_copy& plan_;
  file_descriptor fd_;
};

} // namespace

caf::error ledger_copy::make(sqlite::database& db) const {
  unfinished_copy unfinished_file{*this};
  if (auto number = unfinished_file.create())
    return failed(number);
  if (auto err = db.use("VACUUM INTO ?1", unfinished.native()).run())
    return err;
  if (auto number = unfinished_file.finish())
    return failed(number);
  return {};
}

} // namespace sluice

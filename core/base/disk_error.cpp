#include "core/base/disk_error.hpp"

#include <cerrno>
#include <cstring>
#include <string>

namespace sluice {

namespace {

std::string advice_for(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      return "Free some space, then run the same command again: it "
             "continues where it stopped.";
    case EFBIG:
      return "The file system or ulimit -f allows no larger file: raise the "
             "limit, then run the same command again.";
    case EACCES:
    case EPERM:
    case EROFS:
      return "Make it writable for this user, or choose another path.";
    case ENOENT:
    case ENOTDIR:
      return "Create its folder first, or choose another path.";
    case EISDIR:
      return "It is a folder: choose a path for a file.";
    case EIO:
      return "The disk reports an error: check it, then run the same command "
             "again.";
    default:
      return "Correct that, then run the same command again: it continues "
             "where it "
             "stopped.";
  }
}

} // namespace

caf::error disk_error(std::string_view action,
                      const std::filesystem::path& path, int number) {
  return make_error(
    ec::disk, "Cannot " + std::string{action} + " '" + printable(path.native())
                + "': " + std::strerror(number) + ". " + advice_for(number));
}

} // namespace sluice

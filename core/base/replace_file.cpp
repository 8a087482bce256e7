#include "core/base/replace_file.hpp"

#include "core/base/disk_error.hpp"
#include "core/base/file_descriptor.hpp"
#include "core/base/sync_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace sluice {

namespace {

/// 0, or the error number.
int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    auto count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return errno;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return ::fsync(descriptor) == 0 ? 0 : errno;
}

} // namespace

std::filesystem::path replacement_of(std::filesystem::path file) {
  return file += ".tmp";
}

caf::error
replace_file(const std::filesystem::path& file, std::string_view content) {
  auto unfinished = replacement_of(file);
  {
    // What an earlier process left may have other rights, or be a link.
    if (::unlink(unfinished.c_str()) != 0 && errno != ENOENT)
      return disk_error("remove", unfinished, errno);
    file_descriptor fd{::open(unfinished.c_str(),
                              O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (!fd)
      return disk_error("open", unfinished, errno);
    if (auto number = write_all(fd.get(), content); number != 0)
      return disk_error("write", unfinished, number);
  }
  if (::rename(unfinished.c_str(), file.c_str()) != 0)
    return disk_error("replace", file, errno);
  auto number = sync_folder_of(file);
  // Some file systems cannot sync folders, and need not.
  return number == 0 || number == EINVAL ? caf::error{}
                                         : disk_error("sync", file, number);
}

} // namespace sluice

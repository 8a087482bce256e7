#include "core/base/sync_folder.hpp"

#include "core/base/file_descriptor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace sluice {

int sync_folder_of(const std::filesystem::path& file) {
  auto folder = file.parent_path();
  file_descriptor fd{::open(folder.empty() ? "." : folder.c_str(),
                            O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  return fd && ::fsync(fd.get()) == 0 ? 0 : errno;
}

} // namespace sluice

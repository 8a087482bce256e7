#include "simulator/spill_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace sluice::sim {

namespace {

int open_in(std::string folder) {
  auto fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0)
    return fd;
  // Some file systems do not support O_TMPFILE.
  auto name = std::move(folder) + "/sluice-simulator-XXXXXX";
  fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd >= 0)
    ::unlink(name.c_str());
  return fd;
}

int open_temporary() {
  if (auto* folder = std::getenv("TMPDIR"); folder && *folder == '/')
    return open_in(folder);
  // /tmp is often in memory.
  auto fd = open_in("/var/tmp");
  return fd >= 0 ? fd : open_in("/tmp");
}

} // namespace

spill_file::~spill_file() {
  if (fd_ >= 0)
    ::close(fd_);
}

std::optional<uint64_t> spill_file::append(std::string_view text) {
  if (fd_ < 0)
    fd_ = open_temporary();
  if (fd_ < 0)
    return std::nullopt;
  auto offset = size_;
  for (size_t done = 0; done < text.size();) {
    auto count = ::pwrite(fd_, text.data() + done, text.size() - done,
                          static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return std::nullopt;
    done += static_cast<size_t>(count);
  }
  size_ += text.size();
  return offset;
}

std::string spill_file::read(uint64_t offset, size_t size) const {
  std::string text(size, '\0');
  for (size_t done = 0; done < size;) {
    auto count = ::pread(fd_, text.data() + done, size - done,
                         static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      throw std::system_error{count < 0 ? errno : EIO, std::generic_category(),
                              "the simulator's temporary file cannot be read"};
    done += static_cast<size_t>(count);
  }
  return text;
}

} // namespace sluice::sim

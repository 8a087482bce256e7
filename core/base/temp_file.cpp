#include "core/base/temp_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace sluice {

namespace {

caf::error temp_data_error(std::string_view verb,
                           const std::filesystem::path& directory,
                           int problem) {
  return make_error(
    ec::disk, "cannot " + std::string{verb} + " temporary data in "
                + printable(directory.string()) + ": " + std::strerror(problem)
                + "; an import needs about 50 bytes a URL there, a download "
                  "the size of its file: make room, or set `ledger` to a path "
                  "on another disk");
}

} // namespace

temp_file::temp_file(file_descriptor fd, std::filesystem::path directory)
    : fd_{std::move(fd)}, directory_{std::move(directory)} {}

caf::expected<temp_file>
temp_file::create(const std::filesystem::path& directory) {
  auto name = (directory / ".sluice-temporary-XXXXXX").string();
  file_descriptor fd{::mkostemp(name.data(), O_CLOEXEC)};
  if (!fd || ::unlink(name.c_str()) != 0)
    return temp_data_error("create", directory, errno);
  return temp_file{std::move(fd), directory};
}

caf::error temp_file::append(std::string_view bytes) {
  while (!bytes.empty()) {
    auto count = ::write(fd_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return temp_data_error("write", directory_, errno);
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return caf::none;
}

caf::expected<size_t>
temp_file::read_at(uint64_t offset, std::span<char> into) const {
  size_t done = 0;
  while (done < into.size()) {
    auto count = ::pread(fd_.get(), into.data() + done, into.size() - done,
                         static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return temp_data_error("read", directory_, errno);
    if (count == 0)
      break;
    done += static_cast<size_t>(count);
  }
  return done;
}

caf::expected<size_t> temp_file_source::read(std::span<char> into) {
  auto count = file_.read_at(offset_, into);
  if (count)
    offset_ += *count;
  return count;
}

} // namespace sluice

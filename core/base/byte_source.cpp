#include "core/base/byte_source.hpp"

#include "core/base/decompress.hpp"
#include "core/base/file_descriptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace sluice {

namespace {

constexpr std::array<std::pair<std::string_view, compression>, 3> extensions{{
  {".gz", compression::gzip},
  {".zst", compression::zstd},
  {".lz4", compression::lz4},
}};

caf::error read_failed(int problem) {
  return make_error(ec::input,
                    std::string{"cannot be read: "} + std::strerror(problem));
}

class descriptor_source : public byte_source {
public:
  descriptor_source(file_descriptor fd, bool may_wait, read_monitor& monitor)
      : fd_{std::move(fd)}, may_wait_{may_wait}, monitor_{monitor} {}

  caf::expected<size_t> read(std::span<char> into) override {
    for (;;) {
      if (auto err = wait())
        return err;
      auto count = ::read(fd_.get(), into.data(), into.size());
      if (count < 0 && errno != EINTR && errno != EAGAIN)
        return read_failed(errno);
      if (!monitor_.on_read(
            {into.data(), count > 0 ? static_cast<size_t>(count) : 0}))
        return reading_stopped();
      if (count >= 0)
        return static_cast<size_t>(count);
    }
  }

private:
  /// Waits until there is something to read. A pipe may be silent a long time,
  /// and this thread may get no signal, so the monitor is asked regularly.
  caf::error wait() {
    if (!may_wait_)
      return caf::none;
    for (;;) {
      pollfd state{fd_.get(), POLLIN, 0};
      auto ready = ::poll(&state, 1, 50);
      if (ready > 0)
        return caf::none;
      if (ready < 0 && errno != EINTR)
        return read_failed(errno);
      if (!monitor_.on_read({}))
        return reading_stopped();
    }
  }

  file_descriptor fd_;
  bool may_wait_;
  read_monitor& monitor_;
};

file_descriptor open_descriptor(const std::string& name) {
  if (name == "-")
    return file_descriptor{::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)};
  return file_descriptor{::open(name.c_str(), O_RDONLY | O_CLOEXEC)};
}

} // namespace

caf::error reading_stopped() {
  return make_error(ec::interrupted, "interrupted while reading the lists");
}

compression compression_of(std::string_view name) noexcept {
  for (auto [extension, kind] : extensions)
    if (name.ends_with(extension))
      return kind;
  return compression::none;
}

std::string_view without_compression(std::string_view name) noexcept {
  for (auto [extension, kind] : extensions)
    if (name.ends_with(extension))
      return name.substr(0, name.size() - extension.size());
  return name;
}

caf::expected<std::unique_ptr<byte_source>>
open_list(const std::string& name, read_monitor& monitor) {
  auto bytes = open_stored_list(name, monitor);
  if (!bytes)
    return bytes;
  return decompressed(compression_of(name), std::move(*bytes));
}

caf::expected<std::unique_ptr<byte_source>>
open_stored_list(const std::string& name, read_monitor& monitor) {
  auto fd = open_descriptor(name);
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0)
    return make_error(ec::input, "cannot open the list " + printable(name)
                                   + ": " + std::strerror(errno)
                                   + "; correct it under input.urls");
  if (S_ISDIR(info.st_mode))
    return make_error(ec::input, printable(name)
                                   + " is a directory; write "
                                     "the lists inside it, for example "
                                   + printable(name) + "/*.txt");
  return std::unique_ptr<byte_source>{std::make_unique<descriptor_source>(
    std::move(fd), !S_ISREG(info.st_mode), monitor)};
}

std::optional<uint64_t> size_of_list(const std::string& name) {
  struct stat info {};
  auto known =
    name == "-" ? ::fstat(STDIN_FILENO, &info) : ::stat(name.c_str(), &info);
  if (known != 0 || !S_ISREG(info.st_mode))
    return std::nullopt;
  return static_cast<uint64_t>(info.st_size);
}

} // namespace sluice

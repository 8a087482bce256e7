// Owns a file descriptor and closes it.

#pragma once

#include <unistd.h>

#include <utility>

namespace sluice {

class file_descriptor {
public:
  file_descriptor() = default;
  /// Takes ownership of what open(2) returned; -1 means no descriptor.
  explicit file_descriptor(int fd) noexcept : fd_{fd} {}

  file_descriptor(file_descriptor&& other) noexcept
      : fd_{std::exchange(other.fd_, -1)} {}

  file_descriptor& operator=(file_descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  ~file_descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  [[nodiscard]] int get() const noexcept { return fd_; }

  /// Releases ownership; the caller closes the descriptor.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

  explicit operator bool() const noexcept { return fd_ >= 0; }

private:
  int fd_ = -1;
};

} // namespace sluice

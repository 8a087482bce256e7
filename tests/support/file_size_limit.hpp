// Limits how large files may become, in place of a full disk.

#pragma once

#include <sys/resource.h>

#include <csignal>

namespace sluice::test {

/// No file of this process can grow beyond `bytes` while this exists.
class file_size_limit {
public:
  explicit file_size_limit(rlim_t bytes)
      : handler_{std::signal(SIGXFSZ, SIG_IGN)} {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    auto limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~file_size_limit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;

private:
  rlimit before_{};
  void (*handler_)(int);
};

} // namespace sluice::test

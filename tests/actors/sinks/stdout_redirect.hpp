// Redirects standard output until destroyed. Make no assertions meanwhile,
// because the test program prints its reports there.

#pragma once

#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace sluice::test {

class stdout_redirect {
public:
  /// `target` still belongs to the caller.
  explicit stdout_redirect(int target) : before_(::dup(STDOUT_FILENO)) {
    std::cout.flush();
    std::fflush(stdout);
    ::dup2(target, STDOUT_FILENO);
  }
  ~stdout_redirect() {
    ::dup2(before_, STDOUT_FILENO);
    ::close(before_);
  }
  stdout_redirect(const stdout_redirect&) = delete;
  stdout_redirect& operator=(const stdout_redirect&) = delete;

private:
  int before_;
};

} // namespace sluice::test

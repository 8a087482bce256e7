// The peak memory of a piece of code: the growth of the process's largest
// resident size (VmHWM), which is reset at the start.

#pragma once

#include "tests/support/sanitizers.hpp"

#include <cstddef>
#include <fstream>
#include <iostream>
#include <limits>
#include <string>

namespace sluice::test {

class resident_peak {
public:
  /// Prints a message and returns false if there is no /proc. A test that
  /// checks nothing else then skips itself.
  [[nodiscard]] static bool can_be_read() {
    if (std::ifstream{"/proc/self/status"})
      return true;
    std::cout << "skipped: without /proc, memory cannot be measured\n";
    return false;
  }

  /// Without /proc, prints that and measures nothing, so `growth` is 0.
  resident_peak() {
    if (!std::ifstream{"/proc/self/status"})
      std::cout << "memory is not measured: there is no /proc\n";
    std::ofstream{"/proc/self/clear_refs"} << "5";
    before_ = value_of("VmRSS:");
  }

  /// Bytes since the start, for all threads of the process. 0 under a
  /// sanitizer, whose own memory hides the measurement.
  [[nodiscard]] size_t growth() const {
    auto most = value_of("VmHWM:");
    return !is_sanitized && most > before_ ? most - before_ : 0;
  }

private:
  static size_t value_of(const std::string& name) {
    std::ifstream in{"/proc/self/status"};
    std::string word;
    size_t kilobytes = 0;
    while (in >> word && word != name)
      in.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    in >> kilobytes;
    return kilobytes * 1024;
  }

  size_t before_ = 0;
};

} // namespace sluice::test

// How much memory this process takes at the most.

#pragma once

#include <cstddef>
#include <fstream>
#include <string>

namespace sluice::test {

/// Bytes by their name in /proc/self/status.
inline size_t memory_of_process(const std::string& name) {
  std::ifstream status{"/proc/self/status"};
  std::string word;
  while (status >> word)
    if (size_t kib = 0; word == name + ":" && status >> kib)
      return kib * 1024;
  return 0;
}

/// The growth since it was made.
class peak_memory {
public:
  peak_memory() {
    // The peak is that of now.
    std::ofstream{"/proc/self/clear_refs"} << '5';
    begin_ = memory_of_process("VmRSS");
  }

  [[nodiscard]] size_t growth() const {
    auto peak = memory_of_process("VmHWM");
    return peak > begin_ ? peak - begin_ : 0;
  }

private:
  size_t begin_ = 0;
};

} // namespace sluice::test

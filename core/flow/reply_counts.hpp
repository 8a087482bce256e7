// Counts replies to one kind of request by class of HTTP status, for the
// metrics: a part of `job_counters`. A fixed set of numbers, whatever the API
// answers. For display only; thread-safe.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sluice {

class reply_counts {
public:
  static constexpr size_t classes = 6;

  /// Names of the classes, in the order of `at`.
  static constexpr std::array<const char*, classes> names{"2xx", "3xx", "4xx",
                                                          "429", "5xx", "none"};

  /// `status` is 0 if there was no reply.
  void add(int status) noexcept { ++counts_[class_of(status)]; }

  [[nodiscard]] uint64_t at(size_t index) const { return counts_[index]; }

private:
  static constexpr size_t class_of(int status) noexcept {
    if (status == 429)
      return 3;
    if (status >= 200 && status < 500)
      return static_cast<size_t>(status / 100 - 2);
    return status >= 500 ? 4 : 5;
  }

  std::array<std::atomic<uint64_t>, classes> counts_{};
};

} // namespace sluice

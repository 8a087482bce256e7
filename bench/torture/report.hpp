// The lines that a torture prints: figures, and checks that say ok or FAILED.

#pragma once

#include <cstdint>
#include <string>

namespace sluice::torture {

class report {
public:
  /// A number that is neither good nor bad.
  void figure(const std::string& name, const std::string& value);
  void figure(const std::string& name, uint64_t value);

  void check(const std::string& name, const std::string& value, bool holds);
  /// Holds when both are the same.
  void check(const std::string& name, uint64_t value, uint64_t expected);
  void none(const std::string& name, uint64_t count) { check(name, count, 0); }

  /// Text that explains a check that failed.
  void detail(const std::string& text);

  /// Prints `name` as a figure of the benchmarks: whether all checks held.
  void conclude(const std::string& name) const;

  [[nodiscard]] bool failed() const noexcept { return failed_; }

private:
  bool failed_ = false;
};

} // namespace sluice::torture

// The output of a torture test: figures, and checks that print ok or FAILED.

#pragma once

#include <cstdint>
#include <string>

namespace sluice::torture {

class report {
public:
  /// A number without a goal.
  void figure(const std::string& name, const std::string& value);
  void figure(const std::string& name, uint64_t value);

  void check(const std::string& name, const std::string& value, bool holds);
  /// Holds if the two are equal.
  void check(const std::string& name, uint64_t value, uint64_t expected);
  void none(const std::string& name, uint64_t count) { check(name, count, 0); }

  /// Text that explains a failed check.
  void detail(const std::string& text);

  /// Prints `name` as a benchmark figure that says whether all checks held.
  void conclude(const std::string& name) const;

  [[nodiscard]] bool failed() const noexcept { return failed_; }

private:
  bool failed_ = false;
};

} // namespace sluice::torture

// How each list was read, for `sluice plan`.

#pragma once

#include <cstdint>
#include <string>

namespace sluice {

class list_forms {
public:
  /// Adds a list's name and a few words about it; keeps only the first lists.
  void add(const std::string& list, const std::string& form);

  /// A section of the plan; empty if there was no list.
  [[nodiscard]] std::string text() const;

private:
  std::string rows_;
  uint64_t count_ = 0;
};

} // namespace sluice

// How each list was read, as `sluice plan` says it.

#pragma once

#include <cstdint>
#include <string>

namespace sluice {

class list_forms {
public:
  /// Takes a list's name and a few words; keeps the first ones only.
  void add(const std::string& list, const std::string& form);

  /// A section of the plan; empty when there was no list.
  [[nodiscard]] std::string text() const;

private:
  std::string rows_;
  uint64_t count_ = 0;
};

} // namespace sluice

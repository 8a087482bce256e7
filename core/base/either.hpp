// Joins words as alternatives: "missing, failed or rejected".

#pragma once

#include <string>
#include <vector>

namespace sluice {

[[nodiscard]] inline std::string either(const std::vector<std::string>& words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return text;
}

} // namespace sluice

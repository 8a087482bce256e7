#include "config/number_pattern.hpp"

#include <algorithm>
#include <cassert>
#include <vector>

namespace sluice::config {

namespace {

std::string either(const std::vector<std::string>& parts) {
  if (parts.size() == 1)
    return parts.front();
  std::string out = "(";
  for (auto& part : parts)
    out += (out.size() == 1 ? "" : "|") + part;
  return out + ")";
}

std::string digits(char first, char last) {
  if (first == last)
    return {first};
  return std::string{"["} + first + "-" + last + "]";
}

/// `count` arbitrary digits.
std::string any(size_t count) {
  if (count == 0)
    return {};
  return count == 1 ? "[0-9]" : "[0-9]{" + std::to_string(count) + "}";
}

/// For bounds with the same number of digits.
std::string same_length(const std::string& least, const std::string& most) {
  if (least.empty())
    return {};
  auto rest = least.size() - 1;
  std::string zeros(rest, '0');
  std::string nines(rest, '9');
  auto first = least[0];
  auto last = most[0];
  if (first == last)
    return first + same_length(least.substr(1), most.substr(1));
  std::vector<std::string> parts;
  if (auto low = least.substr(1); low != zeros)
    parts.push_back(first++ + same_length(low, nines));
  std::string high;
  if (auto end = most.substr(1); end != nines)
    high = last-- + same_length(zeros, end);
  if (first <= last)
    parts.push_back(digits(first, last) + any(rest));
  if (!high.empty())
    parts.push_back(high);
  return either(parts);
}

} // namespace

std::string number_pattern(int64_t least, int64_t most) {
  assert(0 <= least && least <= most);
  auto low = std::to_string(least);
  auto high = std::to_string(most);
  std::vector<std::string> parts;
  while (low.size() < high.size()) {
    parts.push_back(same_length(low, std::string(low.size(), '9')));
    low = "1" + std::string(low.size(), '0');
  }
  parts.push_back(same_length(low, high));
  return "0*" + either(parts);
}

} // namespace sluice::config

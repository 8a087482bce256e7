// The output of a benchmark: lines that scripts/bench collects for
// docs/performance.md.

#pragma once

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <string>
#include <vector>

namespace sluice::bench {

/// `pattern` is a printf format.
[[gnu::format(printf, 1, 2)]] inline std::string
text_of(const char* pattern, ...) {
  char text[256];
  va_list values;
  va_start(values, pattern);
  std::vsnprintf(text, sizeof text, pattern, values);
  va_end(values);
  return text;
}

/// Prints a figure with its goal. Returns `holds`.
inline bool figure(const std::string& name, const std::string& value,
                   const std::string& bound, bool holds) {
  std::printf("figure: %s | %s | %s | %s\n", name.c_str(), value.c_str(),
              bound.c_str(), holds ? "ok" : "MISSED");
  std::fflush(stdout);
  return holds;
}

/// Prints a figure without a goal.
inline void figure(const std::string& name, const std::string& value) {
  std::printf("figure: %s | %s | |\n", name.c_str(), value.c_str());
  std::fflush(stdout);
}

/// REQUIRES: not empty.
inline double median(std::vector<double> values) {
  auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

} // namespace sluice::bench

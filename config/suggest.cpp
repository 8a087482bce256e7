#include "config/suggest.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>
#include <numeric>

namespace sluice::config {

namespace {

constexpr size_t longest_word = 64;

/// Optimal string alignment distance, ignoring case.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1),
    row(b.size() + 1);
  std::iota(last.begin(), last.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t cost = lower_case(a[i - 1]) == lower_case(b[j - 1]) ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + cost});
      if (i > 1 && j > 1 && lower_case(a[i - 1]) == lower_case(b[j - 2])
          && lower_case(a[i - 2]) == lower_case(b[j - 1]))
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last.back();
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (auto& word : words)
    out += (out.empty() ? "" : ", ") + word;
  return out;
}

} // namespace

std::string
nearest(std::string_view word, const std::vector<std::string>& known) {
  if (word.empty() || word.size() > longest_word)
    return {};
  std::string best;
  auto limit = std::max<size_t>(1, word.size() / 3);
  for (auto& candidate : known)
    if (auto d = distance(word, candidate); d <= limit) {
      best = candidate;
      if (d == 0)
        break;
      limit = d - 1;
    }
  return best;
}

std::string
suggestion(std::string_view word, const std::vector<std::string>& known) {
  if (auto best = nearest(word, known); !best.empty())
    return "; did you mean \"" + best + "\"?";
  if (known.empty())
    return ": leave it out";
  return ": write one of " + joined(known);
}

} // namespace sluice::config

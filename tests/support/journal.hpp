// The order of events across several doubles. Proves that one event came before
// another.

#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace sluice::test {

struct journal {
  std::vector<std::string> entries;

  void add(std::string entry) { entries.push_back(std::move(entry)); }

  [[nodiscard]] size_t count(const std::string& entry) const {
    return static_cast<size_t>(
      std::count(entries.begin(), entries.end(), entry));
  }

  /// How many entries begin with `text`.
  [[nodiscard]] size_t starting(const std::string& text) const {
    return static_cast<size_t>(
      std::count_if(entries.begin(), entries.end(), [&](auto& entry) {
        return entry.compare(0, text.size(), text) == 0;
      }));
  }

  /// The index of the first such entry, or the number of entries if there is
  /// none.
  [[nodiscard]] size_t place(const std::string& entry) const {
    return static_cast<size_t>(std::find(entries.begin(), entries.end(), entry)
                               - entries.begin());
  }

  /// `first` and `second` both happened, in this order.
  [[nodiscard]] bool
  in_order(const std::string& first, const std::string& second) const {
    return place(first) < place(second) && place(second) < entries.size();
  }
};

using journal_ptr = std::shared_ptr<journal>;

} // namespace sluice::test

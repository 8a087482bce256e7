// One table of words for each enum: configs, JSON and sentences use it in both
// directions.

#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

/// Each word and what it stands for.
template <class Value, size_t N>
using enum_words = std::array<std::pair<std::string_view, Value>, N>;

/// Whether the table has the values 0, 1, … `last`, in this order, and no word
/// twice. For an enum in which every value has a word.
template <class Value, size_t N>
[[nodiscard]] constexpr bool
names_all(const enum_words<Value, N>& table, Value last) noexcept {
  for (size_t i = 0; i < N; ++i) {
    if (table[i].second != static_cast<Value>(i) || table[i].first.empty())
      return false;
    for (size_t j = 0; j < i; ++j)
      if (table[j].first == table[i].first)
        return false;
  }
  return N > 0 && table[N - 1].second == last;
}

/// What `word` stands for; nullopt for an unknown word.
template <class Value, size_t N>
[[nodiscard]] constexpr std::optional<Value>
value_of(const enum_words<Value, N>& table, std::string_view word) noexcept {
  for (auto& [each, value] : table)
    if (each == word)
      return value;
  return std::nullopt;
}

/// The word for `value`. REQUIRES: the table has one.
template <class Value, size_t N>
[[nodiscard]] constexpr std::string_view
word_of(const enum_words<Value, N>& table, Value value) noexcept {
  auto found = std::find_if(table.begin(), table.end(),
                            [&](auto& each) { return each.second == value; });
  assert(found != table.end());
  return found->first;
}

/// All words, in the order of the table.
template <class Value, size_t N>
[[nodiscard]] std::vector<std::string>
words_in(const enum_words<Value, N>& table) {
  std::vector<std::string> out;
  for (auto& [word, value] : table)
    out.emplace_back(word);
  return out;
}

} // namespace sluice

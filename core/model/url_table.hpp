// The URLs of a batch, or of a page's captures, in one block of memory: a job
// holds dozens of batches with thousands of URLs each.

#pragma once

#include "core/base/indexed_iterator.hpp"

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// An ordered list of strings; they may repeat. Changing or moving the table
/// invalidates views of its strings.
class url_table {
public:
  using iterator = indexed_iterator<url_table>;

  url_table() = default;
  url_table(const std::vector<std::string>& urls) {
    for (auto& url : urls)
      add(url);
  }
  url_table(std::initializer_list<std::string_view> urls) {
    for (auto url : urls)
      add(url);
  }

  /// Takes ownership of text in which a newline ends every URL. Stops after
  /// `most + 1` URLs, so that the caller can see that there are too many.
  static url_table of_lines(std::string lines, size_t most) {
    url_table result;
    result.text_ = std::move(lines);
    result.ends_.reserve(most + 1);
    for (auto end = result.text_.find('\n');
         end != std::string::npos && result.size() <= most;
         end = result.text_.find('\n', end + 1))
      result.ends_.push_back(end);
    return result;
  }

  void add(std::string_view url) {
    text_ += url;
    ends_.push_back(text_.size());
    text_ += '\n';
  }

  [[nodiscard]] size_t size() const noexcept { return ends_.size(); }
  /// Of all strings, each with its newline.
  [[nodiscard]] size_t bytes() const noexcept { return text_.size(); }
  [[nodiscard]] bool empty() const noexcept { return ends_.empty(); }

  [[nodiscard]] std::string_view operator[](size_t place) const noexcept {
    auto begin = place == 0 ? 0 : ends_[place - 1] + 1;
    return {text_.data() + begin, ends_[place] - begin};
  }

  [[nodiscard]] std::string_view front() const noexcept { return (*this)[0]; }
  [[nodiscard]] iterator begin() const noexcept { return {*this, 0}; }
  [[nodiscard]] iterator end() const noexcept { return {*this, size()}; }

  bool operator==(const url_table&) const = default;

private:
  std::string text_;         ///< each followed by a newline
  std::vector<size_t> ends_; ///< positions of the newlines
};

} // namespace sluice

// An iterator over lists that create their elements on access: `url_table` and
// the captures of a page (core/model).

#pragma once

#include <cstddef>
#include <iterator>
#include <utility>

namespace sluice {

/// Iterates by `operator[]`, which returns values. Changing or moving the list
/// invalidates it.
template <class List>
class indexed_iterator {
public:
  using iterator_category = std::input_iterator_tag;
  using value_type = decltype(std::declval<const List&>()[0]);
  using difference_type = std::ptrdiff_t;
  using pointer = void;
  using reference = value_type;

  indexed_iterator(const List& list, size_t place)
      : list_{&list}, place_{place} {}

  value_type operator*() const { return (*list_)[place_]; }
  indexed_iterator& operator++() {
    ++place_;
    return *this;
  }
  indexed_iterator operator++(int) {
    auto before = *this;
    ++place_;
    return before;
  }
  bool operator==(const indexed_iterator&) const = default;

private:
  const List* list_;
  size_t place_;
};

} // namespace sluice

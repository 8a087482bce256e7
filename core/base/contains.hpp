// Whether a list has a value: for short lists without an order.

#pragma once

#include <algorithm>
#include <iterator>

namespace sluice {

template <class List, class T>
[[nodiscard]] bool contains(const List& list, const T& value) {
  return std::find(std::begin(list), std::end(list), value) != std::end(list);
}

} // namespace sluice

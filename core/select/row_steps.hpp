// Where the members and elements of a capture lead in a pointer_tree, in a form
// that is fast to ask: most of what a capture has leads nowhere.

#pragma once

#include "core/base/pointer_tree.hpp"

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

/// The steps from one node.
class row_steps {
public:
  using node = pointer_tree::node;

  /// `tree` must outlive the steps and not grow.
  row_steps(const pointer_tree& tree, node from);

  /// False if no pointer leads below the node.
  [[nodiscard]] bool lead_on() const { return !names_.empty(); }

  [[nodiscard]] node to_member(std::string_view name) const {
    if ((traits_ & trait_of(name)) == 0)
      return pointer_tree::none;
    for (auto& [each, to] : names_)
      if (each == name)
        return to;
    return pointer_tree::none;
  }

  [[nodiscard]] node to_element(uint64_t index) const {
    for (auto& [each, to] : elements_)
      if (each == index)
        return to;
    return pointer_tree::none;
  }

private:
  /// One of 64 bits, by the size of a name and its outer characters.
  static uint64_t trait_of(std::string_view name) {
    auto sum = name.size();
    if (!name.empty())
      sum += 5 * static_cast<unsigned char>(name.front())
             + 11 * static_cast<unsigned char>(name.back());
    return uint64_t{1} << (sum % 64);
  }

  std::vector<std::pair<std::string_view, node>> names_;
  std::vector<std::pair<uint64_t, node>> elements_; ///< of those, the indexes
  uint64_t traits_ = 0;                             ///< of all names
};

} // namespace sluice

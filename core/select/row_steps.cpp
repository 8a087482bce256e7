#include "core/select/row_steps.hpp"

#include "core/base/ascii.hpp"

namespace sluice {

row_steps::row_steps(const pointer_tree& tree, node from) {
  for (auto& [name, to] : tree.children(from)) {
    names_.emplace_back(name, to);
    traits_ |= trait_of(name);
    auto has_zero_in_front = name.size() > 1 && name.front() == '0';
    if (auto index = read_number<uint64_t>(name); index && !has_zero_in_front)
      elements_.emplace_back(*index, to);
  }
}

} // namespace sluice

#include "core/select/row_walk.hpp"

namespace sluice {

row_walk::row_walk(const pointer_tree& tree)
    : places_(tree.size()), longest_name_{tree.longest_token()} {
  for (node at = 0; at < static_cast<node>(tree.size()); ++at)
    steps_.emplace_back(tree, at);
}

/// A value is stale if its container was not the last one that led to it.
const found_value* row_walk::value(node at) const {
  auto& found = place_of(at);
  auto below = found.arrived;
  for (auto above = found.above; above != pointer_tree::none;
       above = place_of(above).above) {
    if (place_of(above).arrived > below)
      return nullptr;
    below = place_of(above).arrived;
  }
  return below > started_ ? &found.value : nullptr;
}

bool row_walk::are_escapes(std::string_view text) {
  auto end = text.data() + text.size();
  for (auto at = text.find('\\'); at != text.npos; at = text.find('\\', at)) {
    auto after = json_scan::escape(text.data() + at, end);
    if (after == nullptr)
      return false;
    at = static_cast<size_t>(after - text.data());
  }
  return true;
}

/// The name without its escapes. One byte more than the longest name of any
/// pointer is enough to tell them apart.
std::string_view row_walk::decoded(const json_token& name) {
  return json_text(name, scratch_, longest_name_ + 1);
}

} // namespace sluice

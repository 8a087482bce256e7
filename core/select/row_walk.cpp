#include "core/select/row_walk.hpp"

namespace sluice {

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

/// The name without its escapes. One byte more than the longest name of any
/// pointer is enough to tell them apart.
std::string_view row_walk::decoded(const json_token& name) {
  return json_text(name, scratch_, tree_.longest_token() + 1);
}

} // namespace sluice

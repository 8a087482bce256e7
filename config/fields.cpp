#include "config/fields.hpp"

namespace sluice::config {

bool section::has(std::string_view name) const {
  return !std::holds_alternative<std::monostate>(find(name));
}

const value& section::find(std::string_view name) const {
  auto found = values_.find(name);
  assert(found != values_.end());
  return found->second;
}

} // namespace sluice::config

// Arrays in arrays, for the limit on the depth of JSON.

#pragma once

#include <cstddef>
#include <string>

namespace sluice::test {

inline std::string nested_arrays(size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

} // namespace sluice::test

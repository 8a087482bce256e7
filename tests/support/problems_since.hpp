// The warnings and errors that a piece of code logged.

#pragma once

#include "core/base/log.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace sluice::test {

/// The problems with that name logged since `before`, oldest first. If there
/// are very many, only the latest.
[[nodiscard]] inline std::vector<logged_problem>
problems_since(const problem_record& before, const std::string& event) {
  auto now = recent_problems();
  auto fresh = now.warnings + now.errors - before.warnings - before.errors;
  auto kept = std::min<size_t>(fresh, now.latest.size());
  std::vector<logged_problem> found;
  std::copy_if(now.latest.end() - static_cast<ptrdiff_t>(kept),
               now.latest.end(), std::back_inserter(found),
               [&](auto& each) { return each.event == event; });
  return found;
}

} // namespace sluice::test

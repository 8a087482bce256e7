// "did you mean": finds the known word nearest to a misspelt one.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

/// The nearest word in `known` if it is close enough to be meant, else "".
/// Each insertion, deletion, replacement or swap of neighbours counts as one.
[[nodiscard]] std::string
nearest(std::string_view word, const std::vector<std::string>& known);

/// `; did you mean "…"?`, or `: write one of …` if nothing is close.
[[nodiscard]] std::string
suggestion(std::string_view word, const std::vector<std::string>& known);

} // namespace sluice::config

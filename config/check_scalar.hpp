// One scalar's text → the value its field wants.

#pragma once

#include "config/fields.hpp"

#include <caf/expected.hpp>

#include <string>

namespace sluice::config {

/// Characters of a text whose field sets no other limit.
inline constexpr int64_t longest_text = 8 * 1024;

/// Why a text is refused, e.g. "contains a control character".
struct refusal {
  std::string reason; ///< "" = it is simply not what is wanted
};

using scalar_result = std::variant<value, refusal>;

/// Reads `text` as a value of `spec`, whose kind is not a secret, a list or
/// a mapping. Paths are not made absolute yet.
[[nodiscard]] scalar_result
read_scalar(const field& spec, const std::string& text);

/// Why `text` cannot be any text value, or "".
[[nodiscard]] std::string text_defect(const field& spec, std::string_view text);

} // namespace sluice::config

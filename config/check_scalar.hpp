// Turns one scalar's text into the value its field expects, for value_reader.
// The JSON Schema states the same limit, `longest_text`.

#pragma once

#include "config/fields.hpp"

#include <caf/expected.hpp>

#include <string>

namespace sluice::config {

/// Longest text, in characters, if the field sets no other limit.
inline constexpr int64_t longest_text = 8 * 1024;

/// Why a text is refused, e.g. "contains a control character".
struct refusal {
  std::string reason; ///< "": it is not of the expected kind
};

using scalar_result = std::variant<value, refusal>;

/// Reads `text` as a value of `spec`, which must not be a secret, a list or a
/// mapping. Paths stay as written.
[[nodiscard]] scalar_result
read_scalar(const field& spec, const std::string& text);

/// Why `text` is not a valid text value, or "".
[[nodiscard]] std::string text_defect(const field& spec, std::string_view text);

} // namespace sluice::config

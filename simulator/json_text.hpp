// Writes JSON by hand if a DOM would be too slow or too large, as for captures
// and pages.

#pragma once

#include <string>
#include <string_view>

namespace sluice::sim {

/// Appends `text` as the contents of a JSON string. REQUIRES: valid UTF-8.
void append_json_text(std::string& out, std::string_view text);

/// Appends `text` as a JSON string. REQUIRES: valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

} // namespace sluice::sim

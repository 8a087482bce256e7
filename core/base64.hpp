// Base64 as RFC 4648, 4 has it, with padding and without line breaks.

#pragma once

#include <string>
#include <string_view>

namespace sluice {

[[nodiscard]] std::string base64(std::string_view bytes);

} // namespace sluice

// Checked values of a profile file → the dialect, with the rules that join
// several keys.

#pragma once

#include "config/document.hpp"
#include "config/fields.hpp"
#include "core/api/api_profile.hpp"

#include <string>

namespace sluice::config {

/// REQUIRES: `values` were checked without findings. When findings were
/// added, the result is not to be used.
[[nodiscard]] api_profile build_profile(const std::string& name,
                                        const node& root, const section& values,
                                        finding_list& findings);

/// `text` when it is a usable base: an absolute http or https URL without
/// user, query or fragment; its final slashes removed. Else "".
[[nodiscard]] std::string usable_base(const std::string& text);

/// What to say when it is not.
inline constexpr const char* base_remedy =
  "write scheme, host and path prefix, such as https://api.example.com/v1";

} // namespace sluice::config

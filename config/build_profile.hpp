// Turns the checked values of a profile file into a dialect and applies the
// rules that span several keys.

#pragma once

#include "config/document.hpp"
#include "config/fields.hpp"
#include "core/api/api_profile.hpp"

#include <string>

namespace sluice::config {

/// REQUIRES: `values` were checked without findings. Do not use the result if
/// findings were added.
[[nodiscard]] api_profile build_profile(const std::string& name,
                                        const node& root, const section& values,
                                        finding_list& findings);

/// `text` without its final slashes if it is a usable base, else "". A base is
/// an absolute http or https URL without user, query or fragment.
[[nodiscard]] std::string usable_base(const std::string& text);

/// The advice for an unusable base.
inline constexpr const char* base_remedy =
  "write scheme, host and path prefix, such as https://api.example.com/v1";

} // namespace sluice::config

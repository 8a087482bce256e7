// A whole profile file: the specs of its keys, and the dialect that their
// values become. Each section has a source (profile_sections.hpp); profile.cpp
// has the keys outside of sections.

#pragma once

#include "config/document.hpp"
#include "config/fields.hpp"
#include "core/api/api_profile.hpp"

#include <string>

namespace sluice::config {

/// A section whose children are all the keys of a profile file.
[[nodiscard]] const field& profile_fields();

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

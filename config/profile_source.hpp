// Finds a dialect: a built-in profile, or a profile file and what it extends.

#pragma once

#include "config/document.hpp"
#include "core/api/api_profile.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace sluice::config {

struct found_profile {
  std::shared_ptr<const api_profile> value;
  std::vector<std::string> files; ///< that it was read from; empty: built in
};

/// Like `load_profile`; a missing profile is a finding at `referrer`.
[[nodiscard]] found_profile
load_profile_for(const std::string& name_or_path,
                 const std::filesystem::path& folder, const place& referrer,
                 finding_list& findings);

} // namespace sluice::config

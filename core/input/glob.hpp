// From what the user wrote under input.urls to the lists it means.

#pragma once

#include "core/base/error.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

/// What `names` mean at the moment.
struct found_lists {
  std::vector<std::string> lists;
  /// A name of which there is no list, and why.
  std::vector<std::pair<std::string, std::string>> absent;
};

/// As `expand_lists`, without an error.
[[nodiscard]] found_lists find_lists(const std::vector<std::string>& names);

/// The lists in the order written; a pattern's matches (POSIX glob) stand in
/// its place, sorted by their bytes. A file whose name looks like a pattern
/// is that file. Errors: ec::input for every file that is not there and every
/// pattern that matches nothing or has a directory that cannot be searched,
/// together, and for standard input ("-") given twice.
[[nodiscard]] caf::expected<std::vector<std::string>>
expand_lists(const std::vector<std::string>& names);

/// Whether `name` is a pattern that would match `file` (absolute), did it
/// exist. It is compared as written, and as a name without links in its
/// folders: a caller who has both names of a file asks for both.
[[nodiscard]] bool
would_match(const std::string& name, const std::filesystem::path& file);

} // namespace sluice

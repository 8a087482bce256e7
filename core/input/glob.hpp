// Expands the names under input.urls into lists.

#pragma once

#include "core/base/error.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

/// What `names` currently stand for.
struct found_lists {
  std::vector<std::string> lists;
  /// Names without a list, and why.
  std::vector<std::pair<std::string, std::string>> absent;
};

/// Like `expand_lists`, but missing lists are not an error.
[[nodiscard]] found_lists find_lists(const std::vector<std::string>& names);

/// The lists in the order given. A pattern (POSIX glob) is replaced by its
/// matches, sorted bytewise. A pattern that is the name of an existing file
/// means that file. Errors: ec::input that names every missing file and every
/// pattern that matches nothing or has an unreadable directory; also if
/// standard input ("-") is given twice.
[[nodiscard]] caf::expected<std::vector<std::string>>
expand_lists(const std::vector<std::string>& names);

/// True if `name` is a pattern that would match `file` (absolute) if it
/// existed. Compares it as written, and with the links in its folders resolved.
/// A caller that has both names of a file must try both.
[[nodiscard]] bool
would_match(const std::string& name, const std::filesystem::path& file);

} // namespace sluice

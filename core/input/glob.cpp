#include "core/input/glob.hpp"

#include <fnmatch.h>
#include <glob.h>

#include <algorithm>

namespace sluice {

namespace {

bool is_pattern(const std::string& name) {
  std::error_code ignored;
  return name.find_first_of("*?[") != std::string::npos
         && !std::filesystem::exists(name, ignored);
}

std::string glob_failed(const std::string& pattern, int status) {
  auto why = status == GLOB_NOMATCH ? " matches no file"
             : status == GLOB_ABORTED
               ? ": one of its directories cannot be read"
               : ": out of memory";
  return "the pattern " + printable(pattern) + why;
}

/// Returns what is wrong with the pattern, or "".
std::string
append_matches(const std::string& pattern, std::vector<std::string>& lists) {
  glob_t found{};
  auto status =
    ::glob(pattern.c_str(), GLOB_ERR | GLOB_NOSORT, nullptr, &found);
  auto first = static_cast<ptrdiff_t>(lists.size());
  if (status == 0)
    lists.insert(lists.end(), found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (status != 0)
    return glob_failed(pattern, status);
  std::sort(lists.begin() + first, lists.end());
  return {};
}

/// The same for the name of one list.
std::string
append_name(const std::string& name, std::vector<std::string>& lists) {
  std::error_code failure;
  auto found = std::filesystem::status(name, failure).type();
  if (name != "-" && found == std::filesystem::file_type::not_found)
    return "there is no file " + printable(name);
  lists.push_back(name);
  return {};
}

} // namespace

found_lists find_lists(const std::vector<std::string>& names) {
  found_lists found;
  for (auto& name : names) {
    auto defect = is_pattern(name) ? append_matches(name, found.lists)
                                   : append_name(name, found.lists);
    if (!defect.empty())
      found.absent.emplace_back(name, std::move(defect));
  }
  return found;
}

caf::expected<std::vector<std::string>>
expand_lists(const std::vector<std::string>& names) {
  auto [lists, absent] = find_lists(names);
  std::string defects;
  for (auto& [name, defect] : absent)
    defects += defect + "; ";
  if (!defects.empty())
    return make_error(ec::input, defects + "correct this under input.urls");
  if (std::count(lists.begin(), lists.end(), "-") > 1)
    return make_error(ec::input, "standard input ('-') can be read only once; "
                                 "write it once under input.urls");
  return lists;
}

bool would_match(const std::string& name, const std::filesystem::path& file) {
  if (!is_pattern(name))
    return false;
  constexpr auto as_glob = FNM_PATHNAME | FNM_PERIOD;
  if (::fnmatch(name.c_str(), file.c_str(), as_glob) == 0)
    return true;
  // The pattern's leading folder may contain links.
  auto begin = name.rfind('/', name.find_first_of("*?["));
  if (begin == std::string::npos)
    return false;
  std::error_code failure;
  auto folder =
    std::filesystem::weakly_canonical(name.substr(0, begin + 1), failure)
      .string();
  if (!folder.ends_with('/'))
    folder += '/';
  auto& path = file.native();
  return path.starts_with(folder)
         && ::fnmatch(name.c_str() + begin + 1, path.c_str() + folder.size(),
                      as_glob)
              == 0;
}

} // namespace sluice

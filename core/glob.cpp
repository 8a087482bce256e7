#include "core/glob.hpp"

#include <glob.h>

#include <algorithm>
#include <filesystem>

namespace sluice {

namespace {

bool is_pattern(const std::string& name) {
  std::error_code ignored;
  return name.find_first_of("*?[") != std::string::npos
         && !std::filesystem::exists(name, ignored);
}

caf::error glob_failed(const std::string& pattern, int status) {
  auto why = status == GLOB_NOMATCH   ? " matches no file"
             : status == GLOB_ABORTED ? ": a directory on its way cannot be "
                                        "read"
                                      : ": no memory to search";
  return make_error(ec::input, "the pattern " + printable(pattern) + why
                                 + "; correct it under input.urls");
}

caf::error
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
  return caf::none;
}

} // namespace

caf::expected<std::vector<std::string>>
expand_lists(const std::vector<std::string>& names) {
  std::vector<std::string> lists;
  for (auto& name : names) {
    if (!is_pattern(name))
      lists.push_back(name);
    else if (auto err = append_matches(name, lists))
      return err;
  }
  if (std::count(lists.begin(), lists.end(), "-") > 1)
    return make_error(ec::input, "standard input ('-') can be read only once; "
                                 "write it once under input.urls");
  return lists;
}

} // namespace sluice

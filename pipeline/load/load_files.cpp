#include "pipeline/load/load_files.hpp"

#include "core/base/job_command.hpp"

#include <sys/stat.h>

#include <map>
#include <utility>

namespace sluice {

namespace {

caf::error
other_files(const std::string& what, const std::filesystem::path& state) {
  return make_error(
    ec::usage, "this load has begun with other files: " + what
                 + ". Name the same files in the same order, and new ones "
                   "after them. To begin another load, which delivers every "
                   "capture of its files again, first remove its state: rm "
                 + shell_word(state.native()));
}

/// Only the folders are resolved: "link/../x" is where the system finds it, and
/// a link to a file may lead to another one later.
std::filesystem::path absolute_name(const std::filesystem::path& file) {
  std::error_code failed;
  auto folder = std::filesystem::canonical(
    std::filesystem::absolute(file).parent_path(), failed);
  return failed ? std::filesystem::absolute(file) : folder / file.filename();
}

} // namespace

caf::expected<std::vector<loaded_file>>
continued_files(const std::vector<loaded_file>& known,
                const std::vector<std::string>& given,
                const std::filesystem::path& state) {
  auto files = known;
  for (size_t i = 0; i < known.size(); ++i) {
    auto number =
      "file " + std::to_string(i + 1) + " was " + in_quotes(known[i].path);
    if (i == given.size())
      return other_files(number + " and is missing now", state);
    if (known[i].path != given[i])
      return other_files(number + " and is " + in_quotes(given[i]) + " now",
                         state);
  }
  for (auto i = known.size(); i < given.size(); ++i)
    files.push_back({.path = given[i]});
  return files;
}

caf::expected<std::vector<std::string>>
absolute_files(const std::vector<std::string>& files) {
  std::vector<std::string> out;
  std::map<std::pair<dev_t, ino_t>, std::string> seen;
  for (auto& file : files) {
    auto path = absolute_name(file);
    struct stat found {};
    if (::stat(path.c_str(), &found) == 0) {
      auto [first, is_new] =
        seen.emplace(std::pair{found.st_dev, found.st_ino}, file);
      if (!is_new)
        return make_error(ec::usage, in_quotes(file) + " and "
                                       + in_quotes(first->second)
                                       + " are one file: name it once");
    }
    out.push_back(path.native());
  }
  return out;
}

} // namespace sluice

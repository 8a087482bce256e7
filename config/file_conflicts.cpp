#include "config/file_conflicts.hpp"

#include "core/error.hpp"
#include "core/glob.hpp"
#include "core/ledger_lock.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <set>

namespace sluice::config {

namespace {

using use = named_file::use;

/// The same text for all that is one file: its device and number, or the one
/// name of what is not there yet.
std::string identity_of(const std::string& path) {
  struct stat found {};
  auto is_there = path == "-" ? ::fstat(STDIN_FILENO, &found) == 0
                              : ::stat(path.c_str(), &found) == 0;
  if (is_there)
    return std::to_string(found.st_dev) + ":" + std::to_string(found.st_ino);
  return ledger_lock::one_name_of(path).string();
}

bool has_place(const named_file& file) {
  return file.at.line > 0 || file.at.overridden;
}

/// "sinks[0].path (job.yaml:7:11)".
std::string with_place(const named_file& file) {
  if (!has_place(file) || !file.at.file)
    return file.key;
  auto where = *file.at.file;
  if (file.at.line > 0)
    where +=
      ":" + std::to_string(file.at.line) + ":" + std::to_string(file.at.column);
  return file.key + " (" + where + ")";
}

class conflict_finder {
public:
  void add(const named_file& file) {
    if (file.as == use::write)
      add_written(file);
    else if (file.as == use::list)
      add_list(file);
    else
      add_read(file, file.path);
  }

  std::vector<finding> take() { return findings_.take(); }

private:
  void add_written(const named_file& file) {
    auto [owner, is_new] = written_.emplace(identity_of(file.path), &file);
    if (!is_new)
      refuse(file, *owner->second, file.path);
  }

  void add_read(const named_file& file, const std::string& path) {
    if (auto owner = written_.find(identity_of(path)); owner != written_.end())
      refuse(*owner->second, file, path);
  }

  void add_list(const named_file& list) {
    auto found = expand_lists({list.path});
    for (auto& path : found ? *found : std::vector{list.path})
      add_read(list, path);
    // What a job writes later must not be a list of its next start.
    for (auto& [identity, file] : written_)
      if (would_match(list.path, ledger_lock::one_name_of(file->path)))
        refuse(*file, list, file->path);
  }

  void refuse(const named_file& file, const named_file& other,
              const std::string& path) {
    if (!refused_.emplace(&file, &other).second)
      return;
    auto& first = has_place(file) ? file : other;
    auto& second = has_place(file) ? other : file;
    findings_.add(first.at, first.key + " names the same file as "
                              + with_place(second) + ", " + printable(path)
                              + ": write another name for one of them");
  }

  std::map<std::string, const named_file*> written_;
  std::set<std::pair<const named_file*, const named_file*>> refused_;
  finding_list findings_;
};

} // namespace

std::vector<finding> file_conflicts(const settings& job) {
  conflict_finder finder;
  for (auto& file : job.files)
    finder.add(file);
  return finder.take();
}

} // namespace sluice::config

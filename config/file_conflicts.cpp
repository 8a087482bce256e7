#include "config/file_conflicts.hpp"

#include "core/base/error.hpp"
#include "core/input/glob.hpp"
#include "core/ledger/ledger_lock.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <set>

namespace sluice::config {

namespace {

using use = named_file::use;

/// The same text for all names of one file: its device and inode, or its
/// canonical name if it does not exist yet. Empty if the file cannot conflict.
std::string identity_of(const named_file& file, const std::string& path) {
  struct stat found {};
  if (path == "-") {
    auto output = file.as == use::write;
    auto is_there = ::fstat(output ? STDOUT_FILENO : STDIN_FILENO, &found) == 0;
    // A terminal may be both input and output.
    if (!is_there || !S_ISREG(found.st_mode))
      return {};
  } else if (::stat(path.c_str(), &found) != 0) {
    return ledger_lock::one_name_of(path).string();
  }
  return std::to_string(found.st_dev) + ":" + std::to_string(found.st_ino);
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
  void add_written(const named_file& file) {
    auto identity = identity_of(file, file.path);
    if (identity.empty())
      return;
    auto one_name = file.path == "-"
                      ? std::string{}
                      : ledger_lock::one_name_of(file.path).string();
    auto [owner, is_new] = written_.emplace(
      std::move(identity), written{&file, std::move(one_name)});
    if (!is_new)
      refuse(file, *owner->second.file, file.path);
  }

  /// REQUIRES: all written files were added.
  void add_read(const named_file& file) {
    if (file.as == use::list)
      add_list(file);
    else
      compare(file, file.path);
  }

  std::vector<finding> take() { return findings_.take(); }

private:
  struct written {
    const named_file* file;
    std::string one_name; ///< empty: standard output
  };

  /// The entry that writes the file to which `path` leads, or nullptr.
  const named_file*
  writer_of(const named_file& file, const std::string& path) const {
    auto owner = written_.find(identity_of(file, path));
    return owner == written_.end() ? nullptr : owner->second.file;
  }

  void compare(const named_file& file, const std::string& path) {
    if (auto* other = writer_of(file, path))
      refuse(*other, file, path);
  }

  void add_list(const named_file& list) {
    auto found = expand_lists({list.path});
    for (auto& path : found ? *found : std::vector{list.path})
      if (path == list.path)
        compare(list, path);
      else if (auto* file = writer_of(list, path))
        refuse_match(*file, list);
    // A file that a job writes later must not be a list at its next start.
    for (auto& [identity, other] : written_)
      if (would_match(list.path, other.one_name)
          || would_match(list.path, other.file->path))
        refuse_match(*other.file, list);
  }

  void refuse(const named_file& file, const named_file& other,
              const std::string& path) {
    if (!refused_.emplace(&file, &other).second)
      return;
    auto& first = has_place(file) ? file : other;
    auto& second = has_place(file) ? other : file;
    auto& shown = path == "-" ? file.path : path;
    findings_.add(first.at, first.key + " names the same file as "
                              + with_place(second) + ", " + printable(shown)
                              + ": write another name for one of them");
  }

  /// The pattern has to change: a job that has begun keeps its files.
  void refuse_match(const named_file& file, const named_file& list) {
    if (!refused_.emplace(&file, &list).second)
      return;
    findings_.add(list.at, list.key + " matches a file that the job writes, "
                             + with_place(file) + ", " + printable(file.path)
                             + ": write a pattern that does not match it");
  }

  std::map<std::string, written> written_; ///< by identity
  std::set<std::pair<const named_file*, const named_file*>> refused_;
  finding_list findings_;
};

} // namespace

std::vector<finding> file_conflicts(const settings& job) {
  conflict_finder finder;
  auto is_written = [&](const named_file& file) {
    return file.as == use::write || (file.as == use::rehearse && job.rehearsed);
  };
  for (auto& file : job.files)
    if (is_written(file))
      finder.add_written(file);
  for (auto& file : job.files)
    if (file.as == use::read || file.as == use::list)
      finder.add_read(file);
  return finder.take();
}

} // namespace sluice::config

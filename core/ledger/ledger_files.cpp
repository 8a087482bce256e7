#include "core/ledger/ledger_files.hpp"

#include "core/ledger/ledger_formats.hpp"
#include "core/ledger/ledger_lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdio>
#include <ctime>

namespace sluice {

namespace {

/// Suffixes of the ledger itself and of the files next to it while it is open.
constexpr const char* open_files[] = {"", "-wal", "-shm", ".lock"};

std::filesystem::path
with_suffix(std::filesystem::path file, const char* suffix) {
  file += suffix;
  return file;
}

} // namespace

std::filesystem::path
copy_of_format(std::filesystem::path ledger, int64_t format) {
  return ledger += ".format" + std::to_string(format);
}

std::filesystem::path unfinished_copy_of(std::filesystem::path copy) {
  return copy += ".tmp";
}

std::vector<std::filesystem::path>
names_of_ledger(const std::filesystem::path& ledger) {
  auto name = ledger_lock::one_name_of(ledger);
  std::vector<std::filesystem::path> out;
  for (auto& file : {name, successor_of(name)}) {
    for (auto* suffix : open_files)
      out.push_back(with_suffix(file, suffix));
    out.push_back(with_suffix(file, "-journal"));
  }
  for (auto format = earliest_ledger_format; format <= ledger_format;
       ++format) {
    out.push_back(copy_of_format(name, format));
    out.push_back(unfinished_copy_of(out.back()));
  }
  return out;
}

std::filesystem::path successor_of(const std::filesystem::path& ledger) {
  return ledger.native() + ".new";
}

std::error_code remove_ledger_files(const std::filesystem::path& ledger) {
  std::error_code result;
  for (auto* suffix : open_files) {
    std::error_code failed;
    std::filesystem::remove(with_suffix(ledger, suffix), failed);
    if (failed)
      result = failed;
  }
  return result;
}

ledger_files::ledger_files(const std::filesystem::path& ledger)
    : ledger_{ledger} {
  for (auto* suffix : open_files) {
    auto path = with_suffix(ledger, suffix);
    struct stat found {};
    if (::stat(path.c_str(), &found) == 0)
      known_.push_back({path, found.st_dev, found.st_ino});
  }
}

/// The file is never opened: closing it would drop SQLite's locks.
ledger_files::fate ledger_files::fate_of(const known_file& file) {
  struct stat found {};
  if (::stat(file.path.c_str(), &found) != 0)
    return fate::gone;
  return found.st_dev == file.device && found.st_ino == file.node ? fate::same
                                                                  : fate::other;
}

caf::error ledger_files::check() const {
  for (auto& file : known_) {
    auto now = fate_of(file);
    if (now == fate::same)
      continue;
    auto is_lock = file.path.extension() == ".lock";
    return make_error(
      ec::disk, "the ledger '" + printable(ledger_.native())
                  + "' was changed from outside while in use: '"
                  + printable(file.path.native()) + "' was "
                  + (now == fate::other ? "replaced" : "deleted or moved")
                  + ". Nothing more is submitted. "
                  + (is_lock ? "Run again, and leave that file there"
                             : "Put the ledger back, with its -wal if that "
                               "was moved, or name its new place under "
                               "'ledger', and run again; without it, a new "
                               "ledger submits every URL again"));
  }
  return {};
}

std::optional<std::filesystem::path> ledger_files::set_wal_aside() const {
  auto is_replaced = false;
  for (auto& file : known_)
    is_replaced =
      is_replaced || (file.path == ledger_ && fate_of(file) == fate::other);
  for (auto& file : known_) {
    if (!is_replaced || file.path != with_suffix(ledger_, "-wal")
        || fate_of(file) != fate::same)
      continue;
    auto aside =
      with_suffix(file.path, ("." + std::to_string(::time(nullptr))).c_str());
    if (::renameat2(AT_FDCWD, file.path.c_str(), AT_FDCWD, aside.c_str(),
                    RENAME_NOREPLACE)
        == 0)
      return aside;
  }
  return std::nullopt;
}

} // namespace sluice

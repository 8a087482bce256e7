#include "core/ledger_files.hpp"

#include "core/ledger_lock.hpp"
#include "core/ledger_migrations.hpp"

#include <unistd.h>

namespace sluice {

namespace {

/// Of the ledger itself and of what is beside it while it is open.
constexpr const char* open_files[] = {"", "-wal", "-shm", ".lock"};

std::filesystem::path
with_suffix(std::filesystem::path file, const char* suffix) {
  file += suffix;
  return file;
}

} // namespace

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

caf::error ledger_files::check() const {
  for (auto& known : known_) {
    auto& path = known.path;
    // Never opened: closing would drop SQLite's locks on it.
    struct stat found {};
    auto is_there = ::stat(path.c_str(), &found) == 0;
    if (is_there && known.is(found))
      continue;
    auto is_lock = path.extension() == ".lock";
    return make_error(
      ec::disk, "the ledger '" + printable(ledger_.native())
                  + "' was changed from outside while in use: '"
                  + printable(path.native()) + "' was "
                  + (is_there ? "replaced" : "deleted or moved")
                  + ". Nothing more is submitted. "
                  + (is_lock ? "Run again, and leave that file there"
                             : "Put the ledger back, with its -wal if that "
                               "was moved, or name its new place under "
                               "'ledger', and run again; without it, a new "
                               "ledger submits every URL again"));
  }
  return {};
}

void ledger_files::remove_companions() const {
  for (auto* suffix : {"-wal", "-shm"})
    for (auto& known : known_) {
      struct stat found {};
      if (known.path == with_suffix(ledger_, suffix)
          && ::stat(known.path.c_str(), &found) == 0 && known.is(found))
        ::unlink(known.path.c_str());
    }
}

} // namespace sluice

#include "core/ledger_files.hpp"

#include "core/ledger_lock.hpp"
#include "core/ledger_migrations.hpp"

#include <sys/stat.h>

namespace sluice {

std::vector<std::filesystem::path>
names_of_ledger(const std::filesystem::path& ledger) {
  auto name = ledger_lock::one_name_of(ledger);
  std::vector<std::string> suffixes{"", "-wal", "-shm", "-journal", ".lock"};
  for (auto format = earliest_ledger_format; format <= ledger_format; ++format)
    for (auto* stage : {"", ".tmp"})
      suffixes.push_back(".format" + std::to_string(format) + stage);
  std::vector<std::filesystem::path> out;
  for (auto& suffix : suffixes)
    out.emplace_back(name.native() + suffix);
  for (auto* suffix : {"", "-wal", "-shm", "-journal", ".lock"})
    out.emplace_back(successor_of(name).native() + suffix);
  return out;
}

std::filesystem::path successor_of(const std::filesystem::path& ledger) {
  return ledger.native() + ".new";
}

ledger_files::ledger_files(const std::filesystem::path& ledger)
    : ledger_{ledger} {
  for (auto* suffix : {"", "-wal", "-shm", ".lock"}) {
    auto path = ledger;
    path += suffix;
    struct stat found {};
    if (::stat(path.c_str(), &found) == 0)
      known_.push_back({path, found.st_dev, found.st_ino});
  }
}

caf::error ledger_files::check() const {
  for (auto& [path, device, node] : known_) {
    // Never opened: closing would drop SQLite's locks on it.
    struct stat found {};
    auto is_there = ::stat(path.c_str(), &found) == 0;
    if (is_there && found.st_dev == device && found.st_ino == node)
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
                               "was moved, and run again; without it, a new "
                               "ledger submits every URL again"));
  }
  return {};
}

} // namespace sluice

#include "core/ledger_files.hpp"

#include <sys/stat.h>

namespace sluice {

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

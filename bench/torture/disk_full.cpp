#include "bench/torture/disk_full.hpp"

#include "bench/torture/exit_code.hpp"

#include <cstring>

namespace sluice::torture {

namespace {

constexpr unsigned most_runs_on_full_disk = 200;

/// The last line says what the disk refuses and what to do.
bool is_clear(const std::string& errors) {
  auto last = errors.substr(errors.rfind("sluice: ") + 1);
  auto has = [&](const char* text) {
    return last.find(text) != std::string::npos;
  };
  return (has("disk is full") && has("free some space"))
         || (has("disk I/O error") && has("check the disk")) // SQLite's EFBIG
         || (has(std::strerror(ENOSPC)) && has("Free some space"))
         || (has(std::strerror(EFBIG)) && has("raise the limit"));
}

} // namespace

bool fill_disk(small_disk& disk, const job& subject, report& out) {
  unsigned full = 0;
  unsigned unclear = 0;
  auto size = first_disk_size;
  out.figure("the disk is a", disk.kind());
  for (unsigned run = 0; run < most_runs_on_full_disk; ++run) {
    auto result = disk.run(subject.run_command());
    if (result.exit_code == exit_done || result.exit_code == exit_incomplete) {
      out.check("times the disk was full", std::to_string(full), full > 0);
      out.none("full disks without a clear message", unclear);
      out.figure("final size of the disk in bytes", size);
      disk.resize(2 * size); // space for held batches and for URLs still to be
                             // bought
      return true;
    }
    if (result.exit_code == exit_stopped)
      continue; // three ambiguous submits in a row
    if (result.exit_code != exit_environment) {
      out.check("exit code on a full disk", std::to_string(result.exit_code),
                false);
      out.detail(end_of(result.err));
      return false;
    }
    ++full;
    if (!is_clear(result.err) && unclear++ == 0)
      out.detail(end_of(result.err));
    size += size / 10;
    disk.resize(size);
  }
  out.check("runs on a full disk", std::to_string(most_runs_on_full_disk),
            false);
  return false;
}

} // namespace sluice::torture

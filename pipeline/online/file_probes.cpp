#include "pipeline/online/file_probes.hpp"

#include "core/base/units.hpp"
#include "core/input/glob.hpp"
#include "core/ledger/ledger_lock.hpp"
#include "pipeline/report/counted.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <set>
#include <system_error>

namespace sluice {

namespace {

namespace fs = std::filesystem;
using enum probe_state;

std::string quoted(const fs::path& file) {
  return "'" + printable(file.native()) + "'";
}

/// Returns 0 if this user may access `file` in this way, else the error number.
int may(const fs::path& file, int how) {
  return ::faccessat(AT_FDCWD, file.c_str(), how, AT_EACCESS) == 0 ? 0 : errno;
}

bool is_ledger(const named_file& file) {
  return file.key == "ledger";
}

probe_result refused(const fs::path& file, int number, const char* advice) {
  return {failure, quoted(file) + ": " + std::generic_category().message(number)
                     + "; " + advice};
}

/// A failure if this user may not write to a file that exists next to the
/// ledger; root may have left one there.
std::optional<probe_result> refused_companion(const fs::path& ledger) {
  for (auto* suffix : {".lock", "-wal", "-shm"}) {
    fs::path file{ledger.native() + suffix};
    if (auto number = may(file, R_OK | W_OK); number != 0 && number != ENOENT)
      return refused(file, number, "let this user write to it");
  }
  return std::nullopt;
}

probe_result probe_folder(const fs::path& folder) {
  if (auto number = may(folder, W_OK | X_OK); number != 0)
    return refused(folder, number,
                   number == ENOENT ? "create the folder"
                                    : "let this user write to the folder, or "
                                      "name a file elsewhere");
  return {ok, "the folder " + quoted(folder) + " is writable"};
}

/// The folder if it exists, or the nearest existing one above it.
fs::path existing_folder(fs::path folder) {
  std::error_code ignored;
  while (!fs::is_directory(folder, ignored) && folder != folder.parent_path())
    folder = folder.parent_path();
  return folder;
}

bool is_compressed(const std::string& name) {
  constexpr std::array<std::string_view, 3> endings{".gz", ".zst", ".lz4"};
  return std::any_of(endings.begin(), endings.end(),
                     [&](auto ending) { return name.ends_with(ending); });
}

std::string shown(uint64_t bytes) {
  constexpr uint64_t mib = 1 << 20;
  constexpr uint64_t gib = 1 << 30;
  if (bytes < mib)
    return "less than 1 MiB";
  if (bytes < gib)
    return "about " + std::to_string(bytes / mib) + " MiB";
  auto tenths = bytes / (gib / 10);
  return "about " + std::to_string(tenths / 10) + "."
         + std::to_string(tenths % 10) + " GiB";
}

} // namespace

std::vector<named_file> written_files(const settings& config) {
  std::vector<named_file> out;
  for (auto& file : config.files) {
    if (file.as == named_file::use::write && file.path != "-"
        && !file.is_beside)
      out.push_back(file);
  }
  return out;
}

probe_result probe_written(const named_file& file) {
  fs::path path = ledger_lock::one_name_of(file.path);
  struct stat found {};
  auto is_there = ::stat(path.c_str(), &found) == 0;
  if (is_there && S_ISDIR(found.st_mode))
    return refused(path, EISDIR, "name a file");
  if (is_there)
    if (auto number = may(path, is_ledger(file) ? R_OK | W_OK : W_OK);
        number != 0)
      return refused(path, number, "let this user write to it");
  if (is_there && !is_ledger(file))
    return {ok, quoted(path) + " is writable"};
  if (is_ledger(file))
    if (auto companion = refused_companion(path))
      return *companion;
  return probe_folder(path.parent_path());
}

std::vector<named_result> probe_lists(const std::vector<std::string>& names) {
  constexpr auto subject = "input.urls";
  std::vector<named_result> out;
  auto found = find_lists(names);
  size_t readable = 0;
  for (auto& list : found.lists) {
    std::error_code ignored;
    if (list == "-") {
      out.push_back({subject,
                     {warning, "standard input is read when the job begins; it "
                               "cannot be checked before"}});
    } else if (auto number = may(list, R_OK); number != 0) {
      out.push_back({subject, refused(list, number, "let this user read it")});
    } else if (fs::is_directory(list, ignored)) {
      out.push_back({subject, refused(list, EISDIR, "name the files in it")});
    } else {
      ++readable;
    }
  }
  for (auto& [name, why] : found.absent)
    out.push_back({subject,
                   {failure, why
                               + "; correct input.urls, or put the "
                                 "list there"}});
  if (readable > 0)
    out.insert(out.begin(),
               {subject, {ok, counted(readable, "list") + " can be read"}});
  return out;
}

uint64_t import_estimate(uint64_t list_bytes) {
  return list_bytes + list_bytes / 4;
}

std::optional<uint64_t> import_estimate(const std::vector<std::string>& names) {
  uint64_t bytes = 0;
  for (auto& list : find_lists(names).lists) {
    struct stat found {};
    if (is_compressed(list) || ::stat(list.c_str(), &found) != 0
        || !S_ISREG(found.st_mode))
      return std::nullopt;
    bytes += static_cast<uint64_t>(found.st_size);
  }
  return import_estimate(bytes);
}

probe_result room_result(const disk_room& disk) {
  auto free = shown(disk.free) + " free";
  auto is_known = disk.import_bytes && !disk.has_captures;
  auto import_needs = disk.import_bytes.value_or(0);
  if (import_needs > disk.free)
    return {warning, free + ", and the import takes " + shown(import_needs)
                       + ": make room"};
  if (!is_known && disk.free < enough_room)
    return {warning, free
                       + "; it is unknown how much the job writes there: check "
                         "that it is enough, or make room"};
  return {
    ok,
    free
      + (import_needs > 0 ? ", the import takes " + shown(import_needs) : "")};
}

std::vector<named_result> probe_disks(const settings& config) {
  std::error_code ignored;
  auto begun = fs::exists(config.ledger, ignored);
  auto import_bytes = begun ? std::nullopt : import_estimate(config.input.urls);
  std::map<dev_t, disk_room> disks;
  std::vector<dev_t> order;
  for (auto& file : written_files(config)) {
    auto folder =
      existing_folder(ledger_lock::one_name_of(file.path).parent_path());
    struct stat found {};
    struct statvfs room {};
    if (::stat(folder.c_str(), &found) != 0
        || ::statvfs(folder.c_str(), &room) != 0)
      continue;
    auto [disk, is_new] = disks.try_emplace(found.st_dev);
    if (is_new) {
      order.push_back(found.st_dev);
      disk->second.folder = folder;
      disk->second.free = uint64_t{room.f_bavail} * room.f_frsize;
    }
    if (is_ledger(file))
      disk->second.import_bytes = import_bytes;
    else
      disk->second.has_captures = true;
  }
  std::vector<named_result> out;
  for (auto device : order) {
    auto& disk = disks[device];
    out.push_back({"the disk of " + quoted(disk.folder), room_result(disk)});
  }
  return out;
}

} // namespace sluice

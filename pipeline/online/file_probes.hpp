// Checks that a job's files can be read and written and that their disks have
// room. Opens, creates and changes nothing.

#pragma once

#include "config/settings.hpp"
#include "pipeline/online/probe_run.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// The files that the job writes, without duplicates: sinks, dead letters,
/// ledger.
[[nodiscard]] std::vector<named_file> written_files(const settings& config);

/// Whether this user may write `file`: the file if it exists, else its folder.
/// A ledger always needs its folder and the files next to it, too.
[[nodiscard]] probe_result probe_written(const named_file& file);

/// Whether the lists exist and this user may read them: one result for all
/// readable lists, and one for each other list.
[[nodiscard]] std::vector<named_result>
probe_lists(const std::vector<std::string>& names);

/// The bytes that importing lists of this size needs in the ledger's folder:
/// about a quarter of their size for the ledger, and 50 bytes per URL for
/// temporary data. Few URLs are shorter than that.
[[nodiscard]] uint64_t import_estimate(uint64_t list_bytes);

/// The same for the lists that `names` match now; nullopt if one is compressed
/// or is not a file of known size.
[[nodiscard]] std::optional<uint64_t>
import_estimate(const std::vector<std::string>& names);

struct disk_room {
  std::filesystem::path folder; ///< a folder on the disk
  uint64_t free = 0;            ///< bytes, for this user
  /// What the import will need there, if known.
  std::optional<uint64_t> import_bytes{};
  bool has_captures = false; ///< captures go there; their size is unknown
};

/// The room that a disk should have if there is no estimate for everything
/// written to it.
inline constexpr uint64_t enough_room = uint64_t{1} << 30;

[[nodiscard]] probe_result room_result(const disk_room& disk);

/// One result for each disk that the job writes to.
[[nodiscard]] std::vector<named_result> probe_disks(const settings& config);

} // namespace sluice

// Whether a job's files can be read and written, and their disks have room.
// Nothing is opened, made or changed.

#pragma once

#include "config/settings.hpp"
#include "pipeline/online/probe_run.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// The files that the job writes, each one once: sinks, dead letters, ledger.
[[nodiscard]] std::vector<named_file> written_files(const settings& config);

/// Whether this user may write `file`: itself where it is there, else its
/// folder. A ledger always needs its folder, too, and the files beside it.
[[nodiscard]] probe_result probe_written(const named_file& file);

/// Whether the lists are there and this user may read them: a result for all
/// that can be read, and one for each other.
[[nodiscard]] std::vector<named_result>
probe_lists(const std::vector<std::string>& names);

/// The bytes that the import of lists of this many bytes takes beside the
/// ledger, the ledger included: about a quarter of the lists for the ledger,
/// and 50 bytes a URL for temporary data: few URLs are shorter than that.
[[nodiscard]] uint64_t import_estimate(uint64_t list_bytes);

/// The same for the lists that `names` mean now; nullopt when one of them is
/// compressed, or no file whose size is known.
[[nodiscard]] std::optional<uint64_t>
import_estimate(const std::vector<std::string>& names);

struct disk_room {
  std::filesystem::path folder; ///< one that is on the disk
  uint64_t free = 0;            ///< bytes, for this user
  /// What the import will take there, where that can be told.
  std::optional<uint64_t> import_bytes{};
  bool has_captures = false; ///< how much these take is not known
};

/// Without an estimate for all that is written there, a disk should have as
/// much.
inline constexpr uint64_t enough_room = uint64_t{1} << 30;

[[nodiscard]] probe_result room_result(const disk_room& disk);

/// One for each disk that the job writes to.
[[nodiscard]] std::vector<named_result> probe_disks(const settings& config);

} // namespace sluice

// How far a load is: what `sluice load` keeps between its starts, and its text.
// The text is the content of a file that is replaced as a whole
// (core/base/replace_file.hpp); load_store.hpp reads and writes it. Pure.

#pragma once

#include "core/base/error.hpp"
#include "core/ledger/job_binding.hpp"
#include "core/model/checkpoint.hpp"
#include "core/model/list_identity.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// A file of captures, and how much of it the sink has.
struct loaded_file {
  std::string path; ///< absolute
  /// Bytes after decompression; always the end of a line.
  uint64_t offset = 0;
  uint64_t captures = 0; ///< in these bytes
  std::string hash{};    ///< of these bytes, 16 bytes; empty if there are none
  /// Of the file when its end was read; nullopt before.
  std::optional<file_stamp> end{};

  bool operator==(const loaded_file&) const = default;
};

struct load_state {
  std::string id;      ///< random; the sink's job id
  job_binding binding; ///< the sink's entries in a job's
  /// nullopt until the sink was opened; nothing was delivered before.
  std::optional<sink_position> position{};
  uint64_t delivery = 0;     ///< the number of the last page
  uint64_t dead_letters = 0; ///< since the load began
  std::vector<loaded_file> files{};

  bool operator==(const load_state&) const = default;
};

/// With a checksum, which shows a text that is damaged.
[[nodiscard]] std::string load_state_text(const load_state& state);

/// The inverse. `file` is for messages. Errors: ec::ledger_unusable, for a text
/// that is damaged, of a newer version, or something else.
[[nodiscard]] caf::expected<load_state>
read_load_state(std::string_view text, const std::filesystem::path& file);

} // namespace sluice

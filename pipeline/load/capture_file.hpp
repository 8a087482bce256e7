// Opens the files that `sluice load` reads: the output of a file sink, in any
// compression, which the first bytes show.

#pragma once

#include "core/base/byte_source.hpp"
#include "core/base/error.hpp"
#include "core/model/list_identity.hpp"
#include "pipeline/load/capture_lines.hpp"
#include "pipeline/load/load_state.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace sluice {

/// Opens `path` and decompresses it. Reading fails with ec::stopped if a
/// compressed file ends within a frame, and with ec::input if it is damaged or
/// cannot be read. Errors: ec::input if it cannot be opened or is not a regular
/// file.
[[nodiscard]] caf::expected<std::unique_ptr<byte_source>>
open_captures(const std::string& path);

/// An open file of captures, and the file's stamp before any byte was read.
struct open_capture_file {
  capture_lines lines;
  std::optional<file_stamp> stamp;
};

/// Opens a file where an earlier process stopped. Errors: ec::disk if the bytes
/// before `known.offset` are not those that were loaded; ec::interrupted if
/// `goes_on` returns false; those of `open_captures` and of reading.
[[nodiscard]] caf::expected<open_capture_file>
continue_file(const loaded_file& known, const load_limits& limits,
              const std::function<bool()>& goes_on);

} // namespace sluice

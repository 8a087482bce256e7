// Fetches the file with a run's captures and hands it out part by part.
// Blocking, so a few are spawned, each with its own download and its own
// thread.

#pragma once

#include "actors/protocol.hpp"
#include "core/api/capture_download.hpp"

#include <memory>

namespace sluice {

struct download_reader_state {
  static inline constexpr const char* name = "download-reader";
};

/// `download` may be shared only to call its `stop`.
download_reader_actor::behavior_type download_reader(
  download_reader_actor::stateful_pointer<download_reader_state> self,
  const std::shared_ptr<capture_download>& download);

} // namespace sluice

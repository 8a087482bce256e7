// Fetches the file with a run's captures and hands it out part by part.
// Blocking: spawned detached, a few of them, each with a download of its own.

#pragma once

#include "actors/protocol.hpp"
#include "core/api/capture_download.hpp"

#include <memory>

namespace sluice {

struct download_reader_state {
  static inline constexpr const char* name = "download-reader";
};

/// `download` is shared only with whoever may call its `stop`.
download_reader_actor::behavior_type download_reader(
  download_reader_actor::stateful_pointer<download_reader_state> self,
  std::shared_ptr<capture_download> download);

} // namespace sluice

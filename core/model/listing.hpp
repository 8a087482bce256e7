// Where the reading of a run's captures stands: what a restart needs to go on.

#pragma once

#include "core/model/batch.hpp"
#include "core/model/capture_page.hpp"
#include "core/model/run.hpp"
#include "core/model/url_table.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// One bit per URL of a batch, in batch order, packed from the low bit.
using coverage_bits = std::vector<uint8_t>;

/// Where the reading of a run's captures stands.
struct paging_state {
  page_cursor cursor;     ///< of the next page; empty: from the start
  uint32_t next_page = 0; ///< its number
  uint64_t captures = 0;  ///< delivered
  uint64_t extras = 0;    ///< of those, matching no URL of the batch
  uint64_t repeated = 0;  ///< listed again and dropped
  coverage_bits covered;
  uint32_t listings = 0; ///< begun again in vain
};

/// What paging needs to begin, or to go on after a restart.
struct paging_start {
  url_table urls;
  paging_state state;
  std::vector<capture_identity> seen; ///< of all committed pages
};

/// A run's part of a checkpoint: its state as of the checkpoint's delivery.
struct run_progress {
  batch_key batch = 0;
  paging_state state;
  std::vector<capture_identity> new_identities; ///< since its last checkpoint
  /// Set: everything is read. The run's URLs get their final states and its
  /// identities are forgotten.
  std::optional<run_end> done;
  /// Set: the rest cannot be read, and why. The run's identities are kept, so
  /// that a later reading delivers nothing twice.
  std::optional<std::string> set_aside{};
};

} // namespace sluice

// The state of reading a run's captures: what a restart needs to continue.

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

/// How far a run's captures have been read.
struct paging_state {
  page_cursor cursor;     ///< of the next page; empty: the first page
  uint32_t next_page = 0; ///< its number
  uint64_t captures = 0;  ///< delivered
  uint64_t unmatched = 0; ///< of those, matching no URL of the batch
  uint64_t repeated = 0;  ///< listed again, and dropped
  coverage_bits covered;
  uint32_t listings = 0; ///< restarts in a row that found nothing new
};

/// What paging needs to begin, or to continue after a restart.
struct paging_start {
  url_table urls;
  paging_state state;
  std::vector<capture_identity> seen; ///< of all committed pages
  std::string robot{};                ///< of the batch
};

/// A run's part of a checkpoint: its state when delivery `checkpoint::delivery`
/// was made.
struct run_progress {
  batch_key batch = 0;
  paging_state state;
  std::vector<capture_identity> new_identities; ///< since its last checkpoint
  /// If set, everything has been read. The run's URLs get their final states,
  /// and its identities are deleted.
  std::optional<run_result> done;
  /// If set, the rest cannot be read, for this reason. The run's identities are
  /// kept, so that a later attempt delivers nothing twice.
  std::optional<std::string> set_aside{};
};

} // namespace sluice

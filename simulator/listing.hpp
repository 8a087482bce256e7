// Listings of a run's captures, made on the fly: one page of them, or all of
// them piece by piece.

#pragma once

#include "simulator/capture_maker.hpp"
#include "simulator/cursor.hpp"
#include "simulator/run_world.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice::sim {

struct listing_options {
  dialect form = dialect::legacy;
  uint32_t page_size = 100;
  double overlap = 0;
  capture_rules rules;
};

struct page {
  std::string body;
  uint64_t captures = 0;
  bool overlaps = false; ///< it begins with the last capture of the one before
};

/// Makes bodies; const and thread-safe.
class listing {
public:
  listing(listing_options options, uint32_t capture_bytes);

  /// The page at `from`, which may not be beyond what `run` lists: then it is
  /// empty. In the array dialect it holds everything.
  [[nodiscard]] page page_at(const run_view& run, const cursor& from) const;

  [[nodiscard]] std::optional<cursor>
  read(std::string_view text, std::string_view run_id) const {
    return read_cursor(text, run_id, options_.rules.dice);
  }

  /// The bytes of all captures that `run` ever has.
  [[nodiscard]] std::vector<std::string>
  captures_of(const run_content& run) const;

  /// Gives the next piece of a body; false, and an empty piece, at its end.
  using body_source = std::function<bool(std::string& piece)>;

  /// All captures that `run` lists, one per line, as LZ4 frame, without its
  /// end when it is `cut`. The source must not outlive this object.
  [[nodiscard]] body_source download(const run_view& run, bool cut) const;

private:
  void append_next(std::string& out, capture_walk& walk,
                   const run_content& run) const;
  [[nodiscard]] std::optional<cursor> cursor_after(const capture_position& end,
                                                   const capture_position& last,
                                                   const run_view& run) const;

  listing_options options_;
  capture_maker maker_;
};

} // namespace sluice::sim

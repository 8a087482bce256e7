// Listings of a run's captures, generated on demand: one page, or all of them
// piece by piece.

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
  bool overlaps = false; ///< begins with the last capture of the previous page
};

/// Makes the bodies of replies. Const and thread-safe.
class listing {
public:
  listing(listing_options options, uint32_t capture_bytes);

  /// The page at `from`. It is empty beyond the captures that `run` lists. In
  /// the array dialect it contains everything.
  [[nodiscard]] page page_at(const run_view& run, const cursor& from) const;

  [[nodiscard]] std::optional<cursor>
  read(std::string_view text, std::string_view run_id) const {
    return read_cursor(text, run_id, options_.rules.dice);
  }

  /// The bytes of all captures that `run` will have.
  [[nodiscard]] std::vector<std::string>
  captures_of(const run_content& run) const;

  /// Returns the next piece of a body, or false and an empty piece at its end.
  using body_source = std::function<bool(std::string& piece)>;

  /// All captures that `run` lists, one per line, as an LZ4 frame. The frame
  /// lacks its end if it is `cut`. The source must not outlive this object.
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

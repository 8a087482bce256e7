// The URLs of a run, which determine its captures. Captures are never stored.
// They are generated one after the other.

#pragma once

#include "simulator/chance.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::sim {

struct run_content {
  std::string id;
  std::string robot;
  std::string urls; ///< each followed by a line feed, in submitted order
  uint32_t url_count = 0;
  uint32_t url_limit = 0; ///< only this many: the budget
  uint64_t captures = 0;  ///< when the run is complete
};

/// Which captures the URLs of a run have.
struct capture_rules {
  chance dice{1};
  uint32_t per_url = 1;
  double missing = 0; ///< share of URLs without captures
  double extra = 0;   ///< share of captures for URLs never submitted, below 1
};

/// The number of captures that `content` has under `rules`, including its
/// budget for URLs.
[[nodiscard]] uint64_t
count_captures(const run_content& content, const capture_rules& rules) noexcept;

/// A position between two captures of a run.
struct capture_position {
  uint32_t url = 0;       ///< number of the next URL
  uint32_t offset = 0;    ///< its offset in bytes
  uint32_t copy = 0;      ///< captures of that URL already passed
  uint64_t genuine = 0;   ///< passed captures for submitted URLs
  uint64_t unmatched = 0; ///< passed captures for other URLs

  /// All captures passed.
  [[nodiscard]] uint64_t passed() const noexcept { return genuine + unmatched; }

  bool operator==(const capture_position&) const = default;
};

/// Iterates over a run's captures. Unmatched captures are spread evenly among
/// the others.
class capture_walk {
public:
  /// Both must outlive the walk.
  capture_walk(const run_content& content, const capture_rules& rules,
               capture_position from = {}) noexcept
      : content_{content}, rules_{rules}, at_{from} {}

  struct step {
    std::string_view url; ///< valid until the next step
    uint64_t index = 0;   ///< of the capture among those of the same URL
  };

  /// REQUIRES: position().passed() < count_captures(…).
  [[nodiscard]] step next();

  [[nodiscard]] const capture_position& position() const noexcept {
    return at_;
  }

private:
  [[nodiscard]] step next_extra();
  [[nodiscard]] step next_genuine();

  const run_content& content_;
  const capture_rules& rules_;
  capture_position at_;
  std::string extra_url_;
};

} // namespace sluice::sim

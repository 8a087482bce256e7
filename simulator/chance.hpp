// Random draws without state. Every draw is a hash of the seed and the subject,
// so a simulator with the same seed behaves the same for any order of requests
// from its threads.

#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::sim {

/// What a draw decides. Draws about the same subject are independent.
enum class draw : uint64_t {
  run_id = 1,
  run_length,
  run_fails,
  run_is_late,
  url_is_missing,
  page_overlaps,
  request_fault,
  create_before_500,
  cursor_tag,
  file_tag,
  link_is_expired,
  frame_is_cut,
  counters_stick,
  counters_stick_at,
  queue_estimate,
  run_is_unreadable,
};

/// A hash of `text`, well distributed over all 64 bits.
[[nodiscard]] uint64_t hash_of(std::string_view text) noexcept;

/// A hash of both values, well distributed over all 64 bits.
[[nodiscard]] uint64_t mix(uint64_t a, uint64_t b) noexcept;

class chance {
public:
  explicit chance(uint64_t seed) noexcept : seed_{seed} {}

  /// 64 uniform bits for `what` about `subject`.
  [[nodiscard]] uint64_t bits(draw what, uint64_t subject) const noexcept;

  /// A number from 0 (inclusive) to 1 (exclusive).
  [[nodiscard]] double share(draw what, uint64_t subject) const noexcept;

  /// True with `probability`.
  [[nodiscard]] bool
  hits(double probability, draw what, uint64_t subject) const noexcept;

private:
  uint64_t seed_;
};

} // namespace sluice::sim

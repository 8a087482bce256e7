// How a submit ended: decided from the verdict on its reply, passed on
// unchanged to the ledger, and carried out there.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice {

/// Each takes the batch out of `in_flight` (core/model/batch_state.hpp).
enum class submit_result : uint8_t {
  accepted,      ///< a run exists and its id is known
  replanned,     ///< nothing was created: the batch is submitted again
  all_replanned, ///< so is every rejected batch: the request is wrong
  held,          ///< nobody knows whether a run exists: the user decides
  split,         ///< it is too large: two halves take its place
  narrowed,      ///< a URL of it is bad: a part is tested, the rest waits
  rejected,      ///< the API refuses the batch
};

inline constexpr size_t submit_results = 7;

/// The word for it in logs and journals.
[[nodiscard]] constexpr std::string_view
name_of(submit_result result) noexcept {
  constexpr std::array<std::string_view, submit_results> names{
    "accepted", "replanned", "all_replanned", "held",
    "split",    "narrowed",  "rejected"};
  return names[static_cast<size_t>(result)];
}

} // namespace sluice

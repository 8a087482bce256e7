// How a submit ended: decided from the verdict on its reply, passed on
// unchanged to the ledger, and carried out there.

#pragma once

#include "core/base/enum_words.hpp"

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
  narrowed,      ///< one of its URLs is bad: a part is tested, the rest waits
  rejected,      ///< the API refuses the batch
};

inline constexpr size_t submit_results = 7;

/// In logs and journals.
inline constexpr enum_words<submit_result, submit_results> submit_result_words{
  {{"accepted", submit_result::accepted},
   {"replanned", submit_result::replanned},
   {"all_replanned", submit_result::all_replanned},
   {"held", submit_result::held},
   {"split", submit_result::split},
   {"narrowed", submit_result::narrowed},
   {"rejected", submit_result::rejected}}};
static_assert(names_all(submit_result_words, submit_result::rejected));

[[nodiscard]] constexpr std::string_view
name_of(submit_result result) noexcept {
  return word_of(submit_result_words, result);
}

} // namespace sluice

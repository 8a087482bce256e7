// The state of a URL without a capture. Every ledger follows these rules.

#pragma once

#include "core/model/account.hpp"
#include "core/model/batch_state.hpp"
#include "core/model/run.hpp"

#include <cstdint>
#include <optional>

namespace sluice {

/// The state of a URL that has no capture and is in no other batch. `outcome`
/// is that of the batch's run, once it is terminal.
[[nodiscard]] inline url_state
uncaptured_in(batch_state batch, std::optional<run_outcome> outcome) noexcept {
  switch (batch) {
    case batch_state::held:
      return url_state::held;
    case batch_state::set_aside:
      return url_state::set_aside;
    case batch_state::rejected:
      return url_state::rejected;
    case batch_state::done:
      return outcome == run_outcome::completed ? url_state::missing
                                               : url_state::failed;
    default:
      return url_state::pending;
  }
}

/// The member of `sums` that counts URLs in `state`, which is not `captured`.
template <class Sums>
[[nodiscard]] uint64_t& sum_of(Sums& sums, url_state state) noexcept {
  switch (state) {
    case url_state::missing:
      return sums.missing;
    case url_state::failed:
      return sums.failed;
    case url_state::rejected:
      return sums.rejected;
    case url_state::held:
      return sums.held;
    case url_state::set_aside:
      return sums.set_aside;
    default:
      return sums.pending;
  }
}

} // namespace sluice

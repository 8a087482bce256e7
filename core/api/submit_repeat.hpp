// Where the API honours an idempotency key: whether a submit may be repeated,
// and what its reply means. Extends the table of submit_verdict.hpp; guards
// promise 1. Pure: the time is an argument.

#pragma once

#include "core/api/submit_verdict.hpp"

#include <chrono>
#include <string>

namespace sluice {

/// How long ago the first POST with a key was.
struct key_age {
  /// By the wall clock, which may have been set meanwhile.
  std::chrono::milliseconds wall{0};
  /// At least, by a clock that is never set and that began with this process.
  std::chrono::milliseconds steady{0};
};

enum class repeat_action {
  as_usual, ///< no try was ambiguous: the verdict alone decides
  accept,   ///< a run exists; its id is known
  repeat,   ///< send the same request again, after the backoff
  hold,     ///< never again by itself
};

struct repeat_decision {
  repeat_action action = repeat_action::hold;
  std::string reason; ///< hold: why, printable
};

class submit_repeat {
public:
  using ms = std::chrono::milliseconds;

  /// `valid_for`: how long the API knows a key. `margin` before its end
  /// nothing is sent any more: a request may be on its way for so long.
  submit_repeat(ms valid_for, ms margin) noexcept
      : valid_for_{valid_for}, margin_{margin} {}

  /// Whether the API still knows a key of this age when a request that leaves
  /// now arrives. A wall clock that was set back to before the first POST
  /// tells no age, so the key counts as forgotten.
  [[nodiscard]] bool is_valid(const key_age& age) const noexcept;

  /// What follows a reply. `ambiguous`: an earlier try with this key was, so
  /// the first may have created a run, and a refusal no longer proves that
  /// nothing was created.
  [[nodiscard]] repeat_decision after(const submit_verdict& verdict,
                                      bool ambiguous, const key_age& age) const;

  /// Why a batch is held when its key is not valid any more.
  [[nodiscard]] static std::string expired();

private:
  ms valid_for_;
  ms margin_;
};

} // namespace sluice

// For APIs that honour idempotency keys: whether a submit may be repeated, and
// what the reply to the repeat means. Extends the table of submit_verdict.hpp;
// guards promise 1. Pure: the time is an argument.

#pragma once

#include "core/api/submit_verdict.hpp"

#include <chrono>
#include <string>

namespace sluice {

/// The time since the first POST with a key.
struct key_age {
  /// By the wall clock, which may have been set since.
  std::chrono::milliseconds wall{0};
  /// A lower bound, by a steady clock that began with this process.
  std::chrono::milliseconds steady{0};
};

enum class repeat_action {
  as_usual, ///< no try was ambiguous: follow the verdict
  accept,   ///< a run exists; its id is known
  repeat,   ///< send the same request again, after the backoff
  hold,     ///< never repeat it automatically
};

struct repeat_decision {
  repeat_action action = repeat_action::hold;
  std::string reason; ///< hold: the reason; printable
};

class submit_repeat {
public:
  using ms = std::chrono::milliseconds;

  /// `valid_for`: how long the API remembers a key. Nothing is sent in the last
  /// `margin` of that time, since a request may take that long to arrive.
  submit_repeat(ms valid_for, ms margin) noexcept
      : valid_for_{valid_for}, margin_{margin} {}

  /// True if the API will still know a key of this age when a request sent now
  /// arrives. If the wall clock was set back to before the first POST, the age
  /// is unknown and the key counts as forgotten.
  [[nodiscard]] bool is_valid(const key_age& age) const noexcept;

  /// Decides what follows a reply. `ambiguous`: an earlier try with this key
  /// was ambiguous. Then the first try may have created a run, and a refusal no
  /// longer proves that nothing was created.
  [[nodiscard]] repeat_decision after(const submit_verdict& verdict,
                                      bool ambiguous, const key_age& age) const;

  /// Why a batch is held when its key is no longer valid.
  [[nodiscard]] static std::string expired();

private:
  ms valid_for_;
  ms margin_;
};

} // namespace sluice

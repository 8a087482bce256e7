// Tracks the drain of one actor and its parts (`checkpoint_coordinator`,
// `download_fetcher`). They count outstanding work here, and must start nothing
// new once the drain has begun. The drain message is answered when no work is
// left; `checkpoint_coordinator` commits everything first.

#pragma once

#include "actors/protocol.hpp"

namespace sluice {

class drain_gate {
public:
  using promise = caf::typed_response_promise<atoms::ok_atom>;

  /// Begins the drain. Return the result from the handler of the drain message.
  /// REQUIRES: the caller then checks whether to answer at once. If no work is
  /// outstanding, nothing else triggers the answer.
  template <class Self>
  [[nodiscard]] promise begin(Self* self) {
    begun_ = true;
    promise_ = self->template make_response_promise<atoms::ok_atom>();
    return promise_;
  }

  [[nodiscard]] bool begun() const noexcept { return begun_; }

  /// `add` counts one piece of outstanding work, `remove` ends it.
  void add() noexcept { ++outstanding_; }
  void remove() noexcept { --outstanding_; }

  [[nodiscard]] bool is_idle() const noexcept { return outstanding_ == 0; }

  /// True if a drain awaits its answer and no work is outstanding.
  [[nodiscard]] bool may_answer() const {
    return is_idle() && promise_.pending();
  }

  void answer_if_idle() {
    if (may_answer())
      promise_.deliver(atoms::ok_atom::value);
  }

private:
  promise promise_;
  uint64_t outstanding_ = 0;
  bool begun_ = false;
};

} // namespace sluice

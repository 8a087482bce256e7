// Drains an actor. Once the drain has begun, the actor starts nothing new. It
// answers the drain message when all outstanding work is done and everything is
// committed.

#pragma once

#include "actors/protocol.hpp"

namespace sluice {

class drain_gate {
public:
  using promise = caf::typed_response_promise<atoms::ok_atom>;

  /// Begins the drain. The handler of the drain message returns the result.
  /// REQUIRES: the actor then checks whether it can answer at once. If no work
  /// is outstanding, nothing else will trigger the answer.
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

// An actor's drain: once it has begun, the actor starts nothing new. It answers
// when nothing that it must wait for is outstanding and nothing is left to
// commit.

#pragma once

#include "actors/protocol.hpp"

namespace sluice {

class drain_gate {
public:
  using promise = caf::typed_response_promise<atoms::ok_atom>;

  /// The handler of the drain message returns this. REQUIRES: the actor then
  /// checks whether it can answer at once, because nothing may be outstanding.
  template <class Self>
  [[nodiscard]] promise begin(Self* self) {
    begun_ = true;
    promise_ = self->template make_response_promise<atoms::ok_atom>();
    return promise_;
  }

  [[nodiscard]] bool begun() const noexcept { return begun_; }

  /// A drain waits from `add` to the `remove` that belongs to it.
  void add() noexcept { ++outstanding_; }
  void remove() noexcept { --outstanding_; }

  [[nodiscard]] bool is_idle() const noexcept { return outstanding_ == 0; }

  /// The drain waits for its answer, and nothing is outstanding.
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

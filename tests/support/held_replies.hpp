// Replies that a double holds back until its test asks for them. A promise must
// be delivered inside the actor that made it, so each reply is sent there as a
// message.

#pragma once

#include <caf/actor_addr.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <utility>

namespace sluice::test {

/// An action to perform inside an actor.
struct deed {
  std::function<void()> act;
};

} // namespace sluice::test

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::test::deed)

namespace sluice::test {

/// The interface of a double that holds back replies.
template <class Interface>
using holding = typename Interface::template extend<caf::reacts_to<deed>>;

/// The double's handler for actions.
inline constexpr auto carry_out = [](const deed& order) { order.act(); };

class held_replies {
public:
  void add(caf::actor_addr owner, std::function<void()> reply);

  /// Sends the `count` oldest replies.
  void answer(size_t count = SIZE_MAX);

  [[nodiscard]] size_t size() const { return replies_.size(); }

private:
  std::deque<std::pair<caf::actor_addr, deed>> replies_;
};

} // namespace sluice::test

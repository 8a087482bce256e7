#include "tests/support/held_replies.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <utility>

namespace sluice::test {

void held_replies::add(caf::actor_addr owner, std::function<void()> reply) {
  replies_.emplace_back(std::move(owner), deed{std::move(reply)});
}

void held_replies::answer(size_t count) {
  for (; count > 0 && !replies_.empty(); --count) {
    auto [owner, reply] = std::move(replies_.front());
    replies_.pop_front();
    if (auto actor = caf::actor_cast<caf::actor>(owner))
      caf::anon_send(actor, std::move(reply));
  }
}

} // namespace sluice::test

// Gets an actor the permit to send one request. By the time the permit
// arrives, the actor may no longer want to send the request.

#pragma once

#include "actors/protocol.hpp"

namespace sluice {

/// What to do when the permit arrives. The actor calls these.
template <class Wanted, class Send, class Unwanted, class Fail>
struct permit_use {
  Wanted wanted;     ///< () → bool: whether to send the request still
  Send send;         ///< (const permit&): sends the request
  Unwanted unwanted; ///< (): called after the permit is released
  Fail fail;         ///< (const caf::error&): there is no permit
};

// clang 14 does not deduce the arguments of an aggregate by itself.
template <class Wanted, class Send, class Unwanted, class Fail>
permit_use(Wanted, Send, Unwanted, Fail)
  -> permit_use<Wanted, Send, Unwanted, Fail>;

/// Asks for a permit of this kind. When it arrives, sends the request if it is
/// still wanted, and otherwise releases the permit.
template <class Self, class Use>
void with_permit(Self* self, const rate_limiter_actor& limiter,
                 request_kind kind, Use use) {
  self->request(limiter, caf::infinite, atoms::permit_atom::value, kind)
    .then(
      [=](const permit& granted) {
        if (use.wanted())
          return use.send(granted);
        self->send(limiter, atoms::release_atom::value, granted);
        use.unwanted();
      },
      use.fail);
}

} // namespace sluice

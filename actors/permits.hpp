// How an actor gets the right to send one request. A permit may come long
// after it was asked for, when the request is no longer wanted.

#pragma once

#include "actors/protocol.hpp"

namespace sluice {

/// What to do when the permit is there. Function objects, called in the actor.
template <class Wanted, class Send, class Unwanted, class Fail>
struct permit_use {
  Wanted wanted;     ///< () → bool: the request is still to be sent
  Send send;         ///< (const permit&): sends it with this permit
  Unwanted unwanted; ///< (): called once the permit is given back
  Fail fail;         ///< (const caf::error&): no permit comes
};

/// Asks for a permit of this kind. Sends the request if it is still wanted
/// when the permit comes, else gives the permit back.
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

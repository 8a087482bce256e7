// Gets an actor the permit to send one request, from `rate_limiter`. For the
// submitter, the poller, the pager and `download_fetcher`. By the time the
// permit arrives, the actor may no longer want to send the request.

#pragma once

#include "actors/protocol.hpp"

#include <functional>

namespace sluice {

/// What to do when the permit arrives. The actor calls these.
struct permit_use {
  std::function<bool()> wanted; ///< whether the request is still wanted
  std::function<void(const permit&)> send;
  std::function<void()> unwanted; ///< called after the permit is released
  std::function<void(const caf::error&)> fail; ///< the limiter failed
};

/// Asks for a permit of this kind. When it arrives, sends the request if it is
/// still wanted, and otherwise releases the permit.
template <class Self>
void with_permit(Self* self, const rate_limiter_actor& limiter,
                 request_kind kind, const permit_use& use) {
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

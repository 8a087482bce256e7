// The threads of the actors. Each actor that may block has its own thread. All
// others are shared: only one thread at a time runs them. CAF's own scheduler
// would wake a thread for nearly every message: a page passes from a worker's
// thread to the shared one, from there to the sink's, back again, and to a
// worker once more. Here a thread that has handled a message of its own actor
// runs the shared actors itself, until they have no messages left or its own
// actor gets one.
//
// So an actor with its own thread must not block in a handler after it has sent
// its last answer or message: the receiver may have to run on the same thread.

#pragma once

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/execution_unit.hpp>

#include <type_traits>
#include <utility>

namespace sluice {

/// Makes systems with this configuration use these threads.
void use_actor_threads(caf::actor_system_config& config);

/// Starts a thread for one actor, which must be the next one spawned, with the
/// result as its host. REQUIRES: `use_actor_threads`; all of these actors are
/// spawned by one thread, which runs no actor; a handle of the actor is kept
/// until it has ended; the constructor of its state sends nothing.
[[nodiscard]] caf::execution_unit* new_actor_thread(caf::actor_system& system);

/// Spawns an actor that may block.
template <class F, class... Ts>
auto spawn_blocking(caf::actor_system& system, F fun, Ts&&... args) {
  caf::actor_config config{new_actor_thread(system)};
  return system.spawn_functor(std::true_type{}, config, fun,
                              std::forward<Ts>(args)...);
}

} // namespace sluice

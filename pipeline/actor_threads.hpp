// The threads of the actors. Actors that may block have one each; all others
// share one at a time. CAF's own scheduler would wake a thread for nearly every
// message: a page passes from a worker's thread to the shared one, from there
// to the sink's, back again, and to a worker once more. Here a thread that has
// finished a message of its own actor runs the shared actors itself, until they
// have nothing to do or its own actor has.
//
// So an actor with a thread of its own must not block after its last answer or
// message within a handler: whoever gets it may run on the same thread.

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

/// A new thread for the next actor that is spawned with it as its host.
/// REQUIRES: `use_actor_threads`; one thread, which runs no actor, spawns all
/// of them; a handle of the actor is kept until it has ended; the constructor
/// of its state sends nothing.
[[nodiscard]] caf::execution_unit* new_actor_thread(caf::actor_system& system);

/// Spawns an actor that may block.
template <class F, class... Ts>
auto spawn_blocking(caf::actor_system& system, F fun, Ts&&... args) {
  caf::actor_config config{new_actor_thread(system)};
  return system.spawn_functor(std::true_type{}, config, fun,
                              std::forward<Ts>(args)...);
}

} // namespace sluice

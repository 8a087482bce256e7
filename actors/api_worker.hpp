// Carries out one request at a time. Blocking: spawned detached, a few of
// them, each with a client of its own.

#pragma once

#include "actors/protocol.hpp"

#include <memory>

namespace sluice {

struct api_worker_state {
  static inline constexpr const char* name = "api-worker";
};

/// `client` is shared only with whoever may call its `stop`.
api_worker_actor::behavior_type
api_worker(api_worker_actor::stateful_pointer<api_worker_state> self,
           std::shared_ptr<api_client> client);

} // namespace sluice

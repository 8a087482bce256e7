// Carries out one request to the API at a time, as `api_pool` hands it over,
// and answers with the whole reply: its verdict and what it contains. Blocking,
// so a few are spawned, each with its own client and its own thread.

#pragma once

#include "actors/protocol.hpp"
#include "core/api/api_client.hpp"

#include <memory>

namespace sluice {

struct api_worker_state {
  static inline constexpr const char* name = "api-worker";
};

/// `client` may be shared only to call its `stop`.
api_worker_actor::behavior_type
api_worker(api_worker_actor::stateful_pointer<api_worker_state> self,
           const std::shared_ptr<api_client>& client);

} // namespace sluice

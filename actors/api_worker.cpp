#include "actors/api_worker.hpp"

namespace sluice {

api_worker_actor::behavior_type
api_worker(api_worker_actor::stateful_pointer<api_worker_state>,
           const std::shared_ptr<api_client>& client) {
  return {
    [client](const submit_order& order) { return client->submit(order); },
    [client](const run_ref& run) { return client->status(run); },
    [client](const page_order& order) { return client->page(order); },
    [client](const link_order& order) { return client->link(order); },
    [client](const run_list_order& order) { return client->runs(order); },
    [client](atoms::probe_atom) { return client->probe(); },
  };
}

} // namespace sluice

// The simulator's rules without HTTP: the same runs, slots and token bucket in
// virtual time. A worker actor replaces the real one. A request takes a while
// in each direction.

#pragma once

#include "actors/protocol.hpp"
#include "core/model/run.hpp"
#include "simulator/run_world.hpp"
#include "simulator/server_bucket.hpp"
#include "tests/support/held_replies.hpp"

#include <memory>

namespace sluice::bench {

class virtual_api {
public:
  virtual_api(const simulator_options& options, time_point begin);

  // Handles a request that arrives at `now` and returns its reply.
  [[nodiscard]] submit_reply answer(const submit_order& order, time_point now);
  [[nodiscard]] status_reply answer(const run_ref& run, time_point now);
  [[nodiscard]] page_reply answer(const page_order& order, time_point now);
  [[nodiscard]] link_reply answer(const link_order& order, time_point now);
  [[nodiscard]] run_list_reply
  answer(const run_list_order& order, time_point now);
  [[nodiscard]] read_verdict answer(atoms::probe_atom, time_point now);

  /// How long the next request or reply takes in transit: 30 to 150 ms.
  [[nodiscard]] duration next_delay();

  [[nodiscard]] uint64_t requests() const noexcept { return requests_; }
  [[nodiscard]] uint64_t refused() const noexcept { return refused_; }

private:
  /// Counts a request. False if there is no token.
  [[nodiscard]] bool admit(time_point now);

  simulator_options options_;
  time_point begin_;
  sim::run_world world_;
  sim::server_bucket bucket_;
  sim::chance dice_;
  uint64_t delays_ = 0;
  uint64_t requests_ = 0;
  uint64_t refused_ = 0;
};

using virtual_worker_actor = test::holding<api_worker_actor>;

virtual_worker_actor::behavior_type
virtual_worker(virtual_worker_actor::pointer self,
               std::shared_ptr<virtual_api> api);

} // namespace sluice::bench

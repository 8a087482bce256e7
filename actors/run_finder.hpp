// Looks for the runs of held batches in the API's list, and adopts those that
// the evidence assigns to exactly one batch. One search at a time, on request.

#pragma once

#include "actors/protocol.hpp"
#include "core/flow/run_match.hpp"
#include "core/model/run.hpp"

#include <deque>
#include <optional>
#include <set>

namespace sluice {

struct run_finder_config {
  rate_limiter_actor limiter;
  api_pool_actor pool;
  ledger_keeper_actor ledger;
};

class run_finder_state {
public:
  using pointer = run_finder_actor::stateful_pointer<run_finder_state>;
  static inline constexpr const char* name = "run-finder";

  explicit run_finder_state(pointer self) : self_{self} {}
  ~run_finder_state();

  [[nodiscard]] run_finder_actor::behavior_type
  make_behavior(run_finder_config config);

private:
  void begin(const held_submits& held);
  void list_next();
  void sift(std::vector<listed_run> listed);
  void look_at_next();
  void check_next();
  void adopt(const run_match::found& found);
  static void show_adopted(const run_match::found& found);
  void end(const caf::error& reason = {});

  /// Sends one request once a token is available.
  template <class Reply, class Order, class Then>
  void ask(const Order& order, Then then);

  pointer self_;
  run_finder_config config_;
  caf::typed_response_promise<batch_decisions> promise_;
  batch_decisions decided_;
  std::optional<run_match> match_;
  std::set<std::string> robots_;       ///< whose runs are still to be listed
  std::deque<run_match::found> found_; ///< to be checked and adopted
};

run_finder_actor::behavior_type
run_finder(run_finder_state::pointer self, run_finder_config config);

} // namespace sluice

// Owns the ledger while a job runs: one message, one transaction. Blocking:
// spawned detached.

#pragma once

#include "actors/protocol.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace sluice {

struct ledger_keeper_config {
  std::shared_ptr<ledger> store;
  std::function<int64_t()> wall_ms;  ///< milliseconds since 1970
  std::string worker;                ///< names this process in its leases
  std::chrono::milliseconds lease{}; ///< outlasts any submit
};

class ledger_keeper_state {
public:
  using pointer = ledger_keeper_actor::stateful_pointer<ledger_keeper_state>;
  static inline constexpr const char* name = "ledger-keeper";

  [[nodiscard]] ledger_keeper_actor::behavior_type
  make_behavior(ledger_keeper_config config);

private:
  [[nodiscard]] caf::error settle(const submit_outcome& outcome);
  [[nodiscard]] caf::expected<batch_decisions> look();
  [[nodiscard]] caf::expected<batch_decisions> decisions();
  [[nodiscard]] caf::expected<batch_decisions> adopt(const run_found& found);
  [[nodiscard]] caf::expected<std::vector<listed_run>>
  unknown_of(const std::vector<listed_run>& runs);

  ledger_keeper_config config_;
};

ledger_keeper_actor::behavior_type
ledger_keeper(ledger_keeper_state::pointer self, ledger_keeper_config config);

} // namespace sluice

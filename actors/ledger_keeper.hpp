// Owns the ledger while a job runs. A change is answered once it is on disk.
// Changes that arrive while another is being written share a transaction,
// because syncing the disk costs more than anything else. Blocking: it has its
// own thread.

#pragma once

#include "actors/protocol.hpp"
#include "core/base/crash_point.hpp"
#include "core/ledger/job_store.hpp"
#include "core/model/batch.hpp"
#include "core/model/run.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

struct ledger_keeper_config {
  std::shared_ptr<job_store> store;
  std::filesystem::path file;        ///< the store's file
  std::function<int64_t()> wall_ms;  ///< milliseconds since 1970
  std::string worker;                ///< this process's name in its leases
  std::chrono::milliseconds lease{}; ///< longer than any submit
};

/// Adds the actor's message to itself: write all changes so far to disk.
using grouping_ledger_keeper_actor =
  ledger_keeper_actor::extend<caf::reacts_to<atoms::wake_atom>>;

class ledger_keeper_state {
public:
  using pointer =
    grouping_ledger_keeper_actor::stateful_pointer<ledger_keeper_state>;
  static inline constexpr const char* name = "ledger-keeper";

  explicit ledger_keeper_state(pointer self) : self_{self} {}
  ~ledger_keeper_state();
  ledger_keeper_state(const ledger_keeper_state&) = delete;
  ledger_keeper_state& operator=(const ledger_keeper_state&) = delete;

  [[nodiscard]] grouping_ledger_keeper_actor::behavior_type
  make_behavior(ledger_keeper_config config);

private:
  /// A change that is made but not yet on disk.
  struct change {
    std::function<void(caf::error)> answer;
    std::optional<crash_at> on_disk; ///< passed when it is on disk
  };

  /// Makes a change in the group, and answers once it is on disk.
  [[nodiscard]] caf::typed_response_promise<atoms::ok_atom>
  make(std::optional<crash_at> on_disk,
       const std::function<caf::error()>& body);
  /// The same for a change that has a result.
  template <class T>
  [[nodiscard]] caf::typed_response_promise<T>
  make_result(std::optional<crash_at> on_disk,
              const std::function<caf::expected<T>()>& body);
  /// Adds what is known only once the group is on disk. The count of held
  /// batches must include those of earlier changes in the group.
  [[nodiscard]] caf::error complete(atoms::ok_atom) { return {}; }
  [[nodiscard]] caf::error complete(batch_decisions& made);
  [[nodiscard]] caf::error join_group();
  void end_group();
  [[nodiscard]] caf::expected<batch_offer> next();
  [[nodiscard]] caf::error begin(const submit_intent& intent);
  [[nodiscard]] caf::error settle(const submit_outcome& outcome);
  [[nodiscard]] caf::typed_response_promise<batch_decisions> poll_decisions();
  [[nodiscard]] caf::expected<batch_decisions> decisions();
  [[nodiscard]] caf::expected<batch_decisions> adopt(const run_found& found);
  [[nodiscard]] caf::expected<kept_reply> keep(const unreadable_reply& reply);
  [[nodiscard]] caf::expected<batch_decisions>
  read_again(const runs_to_read& wanted);
  [[nodiscard]] caf::expected<std::vector<listed_run>>
  unknown_of(const std::vector<listed_run>& runs);

  pointer self_;
  ledger_keeper_config config_;
  std::vector<change> group_;
  bool grouping_ = false; ///< a transaction is open
  caf::error lost_;       ///< why changes were undone; nothing more begins
};

grouping_ledger_keeper_actor::behavior_type
ledger_keeper(ledger_keeper_state::pointer self, ledger_keeper_config config);

} // namespace sluice

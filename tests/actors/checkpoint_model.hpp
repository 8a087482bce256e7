// The surroundings of a capture_pager as a state space. The test chooses which
// reply, write, commit, timer or crash comes next, one step at a time.

#pragma once

#include "actors/capture_pager.hpp"
#include "core/model/batch.hpp"
#include "core/model/checkpoint.hpp"
#include "core/model/listing.hpp"
#include "tests/support/actor_doubles.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_api.hpp"

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace sluice::test {

/// A fault of one of the pager's collaborators, planted to show that the search
/// detects it.
enum class planted_fault {
  none,
  early_position,  ///< a sink answers a checkpoint before it has written
                   ///< everything before it
  lost_identities, ///< the ledger forgets which captures were listed
  torn_commit, ///< the ledger writes positions and cursors one after another
};

/// The captures that each run lists, page by page.
using run_pages = std::vector<std::vector<std::string>>;

struct cut_options {
  std::vector<run_pages> runs; ///< batch keys 1, 2, …
  unsigned crashes = 1;        ///< at most
  planted_fault fault = planted_fault::none;
};

/// The state that survives a crash, and the steps in progress.
struct checkpoint_world {
  struct step {
    std::string label;
    caf::actor_addr owner; ///< performs the step
    std::function<void()> act;
  };

  cut_options options;
  // -- durable
  std::map<std::string, std::vector<std::string>> files; ///< by sink
  std::map<std::string, size_t> committed;               ///< lengths of files
  std::map<batch_key, paging_start> starts;
  std::set<batch_key> done;
  uint64_t delivery = 0;
  // -- in progress
  std::map<std::string, std::deque<step>> channels; ///< each in order
  std::map<std::string, size_t> unwritten; ///< captures that a sink has not
                                           ///< written
  std::string sink_input; ///< everything sent to the sinks since the last start
  bool cutting = false;   ///< from the order to the sinks until the ledger's
                          ///< answer
  bool slow = false;      ///< time has passed since
  bool resting = false;   ///< after a slow checkpoint, until time passes
  unsigned crashes = 0;
  std::string wrong; ///< the first broken promise

  void pass_time();
  void end_cut();
  void commit_positions(const checkpoint& point);
  void commit_runs(const checkpoint& point);
  void check_end();
};

using checkpoint_world_ptr = std::shared_ptr<checkpoint_world>;

class checkpoint_model : public actor_fixture {
public:
  explicit checkpoint_model(cut_options options);
  ~checkpoint_model();

  /// Starts over, before the first step.
  void reset();

  /// The steps that are possible now. Empty if everything is done or nothing
  /// can ever happen again.
  [[nodiscard]] std::vector<std::string> choices();
  void take(const std::string& choice);

  /// Equal for states that continue in the same way.
  [[nodiscard]] size_t fingerprint();

  /// The broken promise, or empty. Once no step is left, it also checks the
  /// files.
  [[nodiscard]] const std::string& wrong();

private:
  void start_process();
  void end_process();
  void crash();

  cut_options options_;
  checkpoint_world_ptr world_ = std::make_shared<checkpoint_world>();
  fake_limiter_ptr permits_ = std::make_shared<fake_limiter>();
  fake_stages_ptr stages_ = std::make_shared<fake_stages>();
  fake_supervisor_ptr boss_ = std::make_shared<fake_supervisor>();
  capture_pager_config config_;
  capture_pager_actor pager_;
};

struct search_result {
  std::string wrong; ///< and the steps that led to it
  size_t states = 0;
};

/// Explores all paths from the start and visits each state once.
[[nodiscard]] search_result search(checkpoint_model& model);

/// Takes `count` random paths.
[[nodiscard]] search_result
walk(checkpoint_model& model, unsigned count, uint64_t seed);

} // namespace sluice::test

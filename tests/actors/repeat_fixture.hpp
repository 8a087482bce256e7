// A run_submitter whose API honours idempotency keys, so that ambiguous
// submits are repeated.

#pragma once

#include "tests/actors/submitter_fixture.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace sluice::test {

[[nodiscard]] submit_reply lost();

[[nodiscard]] submit_reply
status_reply_of(int status, submit_action action, bool not_sent = false);

/// An API that keeps idempotency keys for an hour, and a wall clock that can be
/// set.
struct repeat_fixture : submitter_fixture {
  std::chrono::milliseconds set_by{0};
  int tickets = 0;

  repeat_fixture();

  /// Answers submits with these replies in turn, and later ones with runs.
  void answer_with(std::vector<submit_reply> replies);

  [[nodiscard]] std::vector<std::string> keys_sent() const;

  using texts = std::vector<std::string>;
};

} // namespace sluice::test

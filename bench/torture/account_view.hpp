// The account of a job as its user sees it: `sluice status --json` and the text
// at the end of `sluice run`.

#pragma once

#include "bench/torture/job.hpp"
#include "bench/torture/truth.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sluice::torture {

struct held_batch {
  uint64_t number = 0;
  std::vector<std::string> urls;
};

struct status_view {
  account_numbers numbers;
  uint64_t open_runs = 0;
  bool finished = false;
  std::vector<std::pair<uint64_t, uint64_t>> held; ///< batch and number of URLs
};

/// nullopt if the command fails or prints something else.
[[nodiscard]] std::optional<status_view> read_status(const job& subject);

/// The held batches with their URLs. nullopt if two `status` calls disagree,
/// because a running job may hold another batch in between.
[[nodiscard]] std::optional<std::vector<held_batch>>
read_held(const job& subject);

/// From the text. A missing number is 0.
[[nodiscard]] account_numbers numbers_in(const std::string& text);

/// True if the states add up to the total.
[[nodiscard]] bool adds_up(const account_numbers& numbers);

} // namespace sluice::torture

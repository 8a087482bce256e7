// A run: one submitted batch at work at the API, from its id to its end.

#pragma once

#include "core/base/secrets.hpp"
#include "core/model/batch.hpp"
#include "core/model/url_table.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// The longest run id, in bytes, that fits a ledger and a path.
inline constexpr size_t longest_run_id = 512;

/// False also with the API's key in it, and when empty: that names all runs.
[[nodiscard]] inline bool is_run_id(const std::string& text) noexcept {
  return !text.empty() && text.size() <= longest_run_id && !holds_key(text);
}

/// Values that the profile's templates may name for a run.
struct run_ref {
  std::string id;
  std::map<std::string, std::string> saved; ///< by `status.save`
};

enum class run_phase { queued, active, done, failed, stopped };

struct run_status {
  run_phase phase = run_phase::active;
  std::string state; ///< the API's own word, printable
  bool known = true; ///< false: the profile does not list `state`
  std::optional<uint64_t> extracted;
  std::optional<uint64_t> queue;
  std::optional<int64_t> started_at_ms;
  /// From then to the reply, by the API's own clock.
  std::optional<std::chrono::milliseconds> running_for{};
  std::map<std::string, std::string> saved;
};

struct listed_run {
  std::string id;
  std::optional<std::string> robot; ///< when the list tells
  /// When the list tells; of more than any batch has, not all.
  std::optional<url_table> urls;
};

/// How a run ended, as far as its URLs are concerned.
enum class run_outcome { completed, failed, stopped, lost };

inline constexpr size_t run_outcomes = 4;

/// The word for it in ledgers.
[[nodiscard]] constexpr std::string_view name_of(run_outcome outcome) noexcept {
  constexpr std::array<std::string_view, run_outcomes> names{
    "completed", "failed", "stopped", "lost"};
  return names[static_cast<size_t>(outcome)];
}

/// nullopt if no outcome has this name.
[[nodiscard]] constexpr std::optional<run_outcome>
run_outcome_named(std::string_view name) noexcept {
  for (size_t i = 0; i < run_outcomes; ++i)
    if (name_of(static_cast<run_outcome>(i)) == name)
      return static_cast<run_outcome>(i);
  return std::nullopt;
}

/// A run at its end, before its captures are read.
struct run_end {
  run_outcome outcome = run_outcome::completed;
  std::string state;                 ///< the API's own word, or why it is lost
  std::optional<uint64_t> extracted; ///< captures it reports, when it does
};

/// A run that a restart has to go on with.
struct open_run {
  batch_key batch = 0;
  run_ref run;
  int64_t submitted_at_ms = 0; ///< wall clock
  uint32_t url_count = 0;
  std::optional<run_end> end; ///< set: terminal, its captures not all read
};

} // namespace sluice

// A run: one submitted batch at the API, from its id to its end.

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

/// The longest run id, in bytes, that fits in the ledger and in a URL path.
inline constexpr size_t longest_run_id = 512;

/// False if empty, which would address every run, or if it holds the API key.
[[nodiscard]] inline bool is_run_id(const std::string& text) noexcept {
  return !text.empty() && text.size() <= longest_run_id && !holds_key(text);
}

/// The values of a run that the profile's templates can use.
struct run_ref {
  std::string id;
  std::map<std::string, std::string> saved; ///< by `status.save`
};

enum class run_phase { queued, active, done, failed, stopped };

struct run_status {
  run_phase phase = run_phase::active;
  std::string state; ///< the API's own word; printable
  bool known = true; ///< false if the profile does not list `state`
  std::optional<uint64_t> extracted;
  std::optional<uint64_t> queue;
  std::optional<int64_t> started_at_ms;
  /// From the start to the reply, by the API's clock.
  std::optional<std::chrono::milliseconds> running_for{};
  std::map<std::string, std::string> saved;
};

struct listed_run {
  std::string id;
  std::optional<std::string> robot; ///< if the list contains it
  /// If the list contains them; cut short beyond the size of any batch.
  std::optional<url_table> urls;
};

/// How a run ended, as far as its URLs are concerned.
enum class run_outcome { completed, failed, stopped, lost };

inline constexpr size_t run_outcomes = 4;

/// The word that ledgers use.
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

/// A finished run whose captures have not been read yet.
struct run_result {
  run_outcome outcome = run_outcome::completed;
  std::string state; ///< the API's own word, or why the run is lost
  std::optional<uint64_t> extracted; ///< captures it reports, if it does
};

/// A run that a restart has to continue.
struct open_run {
  batch_key batch = 0;
  run_ref run;
  int64_t submitted_at_ms = 0; ///< wall clock
  uint32_t url_count = 0;
  std::optional<run_result> end; ///< set: ended, captures not all read
};

} // namespace sluice

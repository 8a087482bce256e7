// A run: one submitted batch at the API, from its id to its end.

#pragma once

#include "core/base/enum_words.hpp"
#include "core/base/secrets.hpp"
#include "core/model/batch.hpp"
#include "core/model/url_table.hpp"

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
  /// If the list contains them. A list longer than any batch is truncated.
  std::optional<url_table> urls;
};

/// How a run ended, as far as its URLs are concerned.
enum class run_outcome { completed, failed, stopped, lost };

inline constexpr size_t run_outcomes = 4;

/// In ledgers.
inline constexpr enum_words<run_outcome, run_outcomes> run_outcome_words{
  {{"completed", run_outcome::completed},
   {"failed", run_outcome::failed},
   {"stopped", run_outcome::stopped},
   {"lost", run_outcome::lost}}};
static_assert(names_all(run_outcome_words, run_outcome::lost));

[[nodiscard]] constexpr std::string_view name_of(run_outcome outcome) noexcept {
  return word_of(run_outcome_words, outcome);
}

/// nullopt if no outcome has this name.
[[nodiscard]] constexpr std::optional<run_outcome>
run_outcome_named(std::string_view name) noexcept {
  return value_of(run_outcome_words, name);
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
  std::optional<run_result> end; ///< set: ended, not all captures read
};

} // namespace sluice

// The differences between the dialects: prefixes, names and shapes. All other
// rules of the simulator are the same.

#pragma once

#include "core/base/enum_words.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace sluice::sim {

enum class dialect {
  legacy, ///< extralt: camelCase, {items, nextCursor}
  array,  ///< extralt-array: the same with captures as a bare array
  v0,     ///< extralt-v0: /v0/extract, snake_case requests, {rows, nextCursor}
};

inline constexpr enum_words<dialect, 3> dialect_words{
  {{"extralt", dialect::legacy},
   {"extralt-array", dialect::array},
   {"extralt-v0", dialect::v0}}};

/// The start of every path, or "".
[[nodiscard]] std::string_view prefix_of(dialect form) noexcept;

/// The query parameter that names the run of a listing.
[[nodiscard]] std::string_view run_parameter(dialect form) noexcept;

/// The member of a page that contains its captures, or "" if the page is an
/// array.
[[nodiscard]] std::string_view items_member(dialect form) noexcept;

/// The maximum size of a request: a run of 10,000 URLs of 400 bytes.
inline constexpr size_t max_body_bytes = 4 << 20;
inline constexpr size_t max_urls_per_run = 100'000;

/// A checked request for a run.
struct submission {
  std::string robot;
  std::string urls; ///< each followed by a line feed
  uint32_t url_count = 0;
  std::optional<uint64_t> budget; ///< in URLs for legacy, in captures for v0
};

/// An answer with the API's error body.
struct refusal {
  int status;
  std::string message;
};

/// Parses the body of a submit. URLs that contain `rejected` (unless empty) are
/// refused with a 422.
[[nodiscard]] std::variant<submission, refusal>
read_submission(dialect form, const std::string& body,
                const std::string& rejected);

/// The API's error body.
[[nodiscard]] std::string write_error(int status, std::string_view message);

/// Whether GET /runs is answered and whether its runs show their URLs.
enum class runs_rule { off, ids, urls };

inline constexpr enum_words<runs_rule, 3> runs_rule_words{
  {{"off", runs_rule::off},
   {"ids", runs_rule::ids},
   {"urls", runs_rule::urls}}};

/// What the API reports about a run.
struct run_report {
  std::string_view id;
  std::string_view robot;
  std::string_view state;
  bool shows_progress = true;
  uint64_t extracted = 0; ///< captures so far
  uint64_t queue = 0;     ///< URLs still to be processed
  int64_t created_ms = 0;
  std::optional<int64_t> started_ms; ///< absent while pending
};

[[nodiscard]] std::string write_run(dialect form, const run_report& run);

/// A run in the list of runs: {_id, robotId, status, urls}. `urls`, each
/// followed by a line feed, is omitted if absent.
void append_listed_run(std::string& out, const run_report& run,
                       const std::optional<std::string_view>& urls);

/// The answer to a successful submit and its status.
[[nodiscard]] std::string write_created(dialect form, const run_report& run);
[[nodiscard]] int created_status(dialect form) noexcept;

} // namespace sluice::sim

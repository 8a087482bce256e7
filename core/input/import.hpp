// Imports the URL lists into an import_target: the ledger for a job, counters
// for `plan`. Validates and deduplicates the URLs, assigns robots, and forms
// batches. Memory use does not depend on the
// length of the lists: with deduplication, URLs and their hashes stay in
// temporary files until all input has been read.

#pragma once

#include "core/base/enum_words.hpp"
#include "core/base/error.hpp"
#include "core/model/batch.hpp"
#include "core/model/import_target.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

enum class list_format { automatic, lines, csv, jsonl, json };

inline constexpr enum_words<list_format, 5> list_format_words{
  {{"auto", list_format::automatic},
   {"lines", list_format::lines},
   {"csv", list_format::csv},
   {"jsonl", list_format::jsonl},
   {"json", list_format::json}}};

/// What separates the columns of a CSV list.
enum class list_delimiter { automatic, comma, semicolon, tab };

inline constexpr enum_words<list_delimiter, 4> list_delimiter_words{
  {{"auto", list_delimiter::automatic},
   {"comma", list_delimiter::comma},
   {"semicolon", list_delimiter::semicolon},
   {"tab", list_delimiter::tab}}};

struct input_options {
  /// Files and globs, absolute; "-" is standard input. Names ending in .gz,
  /// .zst or .lz4 are decompressed.
  std::vector<std::string> urls;
  list_format format = list_format::automatic;
  list_delimiter delimiter = list_delimiter::automatic;
  /// CSV column, by name or by number; JSON member, by name or JSON Pointer.
  std::string field = "url";
  bool deduplicate = true;
  bool fail_on_invalid = false;
};

/// The robot that extracts the URLs of a host.
struct robot_map {
  std::map<std::string, std::string> by_host; ///< lower-case host → robot
  /// The same for subdomains: "shop.example" covers www.shop.example,
  /// but not itself. Exact hosts come first, then the longest match.
  std::map<std::string, std::string> below;
  std::string fallback; ///< empty: none

  [[nodiscard]] bool is_same_for_all() const noexcept {
    return by_host.empty() && below.empty();
  }

  /// The host's robot, or nullptr.
  [[nodiscard]] const std::string* find(const std::string& host) const;
};

struct import_job {
  input_options input;
  robot_map robots;
  uint32_t urls_per_run = default_urls_per_run;
  std::filesystem::path temp_dir; ///< for the partitions; on the ledger's disk
  /// Called at the start, about ten times a second, after all input was read,
  /// and at the end. Gets the counts so far and the share of the work done (0
  /// to 1; negative if unknown). Return false to interrupt.
  std::function<bool(const import_counts&, double)> progress;
  /// Called for each list with its name and, in a few words, its format.
  std::function<void(const std::string&, const std::string&)> opened;
};

/// Runs the import. Keeps the order of URLs within a robot; of equal URLs, the
/// first stays. With `deduplicate`, no batch is added until all input has been
/// read and checked. Errors: ec::input with file:line for an unreadable list, a
/// CSV without the column, hosts without a robot (all of them, after all input
/// was read), an invalid record under `fail_on_invalid`, or no URL at all;
/// ec::disk for temporary files; ec::interrupted; or any error of `target`.
[[nodiscard]] caf::expected<import_counts>
run_import(const import_job& job, import_target& target);

} // namespace sluice

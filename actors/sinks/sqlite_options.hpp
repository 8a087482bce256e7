// The section of a sqlite sink as a struct, and the checks of its values. For
// the sink and its entry in the registry.

#pragma once

#include "actors/sinks/sink.hpp"
#include "core/base/enum_words.hpp"
#include "core/select/column.hpp"

#include <array>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

namespace sluice {

struct sqlite_options {
  enum class capture_form { text, blob, none };
  static constexpr enum_words<capture_form, 3> capture_form_words{
    {{"text", capture_form::text},
     {"blob", capture_form::blob},
     {"none", capture_form::none}}};

  std::filesystem::path path{};
  std::string table = "captures";
  column_list columns{};
  std::string capture = "capture"; ///< the column with the capture itself
  capture_form capture_as = capture_form::text;
  bool create = true; ///< what is absent: the file, its tables
  std::optional<std::filesystem::path> dead_letter{};
  bool replace = false; ///< the files that are there, at a first start
  /// For another connection's lock, before ec::unavailable.
  std::chrono::milliseconds patience{1'000};
};

[[nodiscard]] std::vector<config::field> sqlite_fields();

[[nodiscard]] sqlite_options read_sqlite_options(const config::section& fields);

/// The endings of the files that SQLite makes beside a database.
inline constexpr std::array<const char*, 3> beside_database{"-wal", "-shm",
                                                            "-journal"};

/// Checks what the field specs cannot: names that SQLite does not tell apart or
/// that are taken, a rule without the file it needs. Errors: ec::usage.
[[nodiscard]] caf::error check_sqlite_options(const sink_context& context,
                                              const sqlite_options& options);

} // namespace sluice

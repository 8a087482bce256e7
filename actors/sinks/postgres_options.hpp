// The section of a postgres sink as a struct, and the checks of its values. For
// the sink, its probe and its entry in the registry.

#pragma once

#include "actors/sinks/sink.hpp"
#include "core/base/enum_words.hpp"
#include "core/base/secrets.hpp"
#include "core/db/postgres_dsn.hpp"
#include "core/db/postgres_names.hpp"
#include "core/select/column.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

struct postgres_options {
  /// As what type the column with the capture is stored.
  enum class capture_form { json, jsonb, text, bytea, none };
  static constexpr enum_words<capture_form, 5> capture_form_words{
    {{"json", capture_form::json},
     {"jsonb", capture_form::jsonb},
     {"text", capture_form::text},
     {"bytea", capture_form::bytea},
     {"none", capture_form::none}}};

  enum class write_mode {
    append, ///< a row per capture
    upsert, ///< a row per key, the last one delivered
  };
  static constexpr enum_words<write_mode, 2> write_mode_words{
    {{"append", write_mode::append}, {"upsert", write_mode::upsert}}};

  secret dsn{};
  postgres::table_name table{};
  column_list columns{};
  std::string capture = "capture"; ///< the column with the capture itself
  capture_form capture_as = capture_form::json;
  write_mode mode = write_mode::append;
  std::vector<std::string> key{}; ///< columns; only of an upsert
  bool create = false;
  std::optional<std::filesystem::path> dead_letter{};
};

[[nodiscard]] std::vector<config::field> postgres_fields();

[[nodiscard]] postgres_options
read_postgres_options(const config::section& fields);

/// Where the database is. Errors: ec::usage.
[[nodiscard]] caf::expected<postgres::dsn>
dsn_of(const postgres_options& options);

/// Checks what the field specs cannot: names that PostgreSQL would cut or that
/// are taken, a key that is not a column, a DSN that cannot be read. A DSN that
/// cannot be resolved is not its concern. Errors: ec::usage.
[[nodiscard]] caf::error
check_postgres_options(const sink_context& context,
                       const postgres_options& options);

} // namespace sluice

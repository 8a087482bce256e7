// Names in SQL, quoted so that any name stands for itself.

#pragma once

#include <string>
#include <string_view>

namespace sluice::postgres {

/// PostgreSQL silently cuts a longer name.
inline constexpr size_t max_name_bytes = 63;

/// True if it can be the name of a table or column: not empty, at most
/// max_name_bytes, no control characters, valid UTF-8.
[[nodiscard]] bool is_name(std::string_view name);

/// `a"b` becomes `"a""b"`.
[[nodiscard]] std::string quote_name(std::string_view name);

/// A table, with or without its schema.
struct table_name {
  std::string schema{}; ///< empty: the first of the search path that has it
  std::string table{};

  /// As SQL, quoted.
  [[nodiscard]] std::string sql() const;
  /// Another table of the same schema.
  [[nodiscard]] table_name beside(std::string_view other) const;
};

/// `shop.captures`: split at the first dot. Its parts may be no names.
[[nodiscard]] table_name read_table_name(std::string_view text);

} // namespace sluice::postgres

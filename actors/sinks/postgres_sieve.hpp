// Stores the rows of a page and leaves out those that the database refuses, so
// that a bad row costs only itself. Rows are tried under savepoints; what a
// page with one bad row costs is at most three times a clean one.

#pragma once

#include "core/db/postgres.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct row_range {
  size_t begin = 0, end = 0;
  [[nodiscard]] size_t size() const noexcept { return end - begin; }
};

struct sieved_out {
  size_t row = 0;
  std::string sqlstate{};
  std::string message{}; ///< the server's: untrusted
};

struct sieved_rows {
  uint64_t stored = 0;
  std::vector<sieved_out> refused{}; ///< in their order
};

/// Stores the rows of a range, in the open transaction, and returns how many
/// the server has stored.
using store_range = std::function<caf::expected<uint64_t>(const row_range&)>;

/// Stores `count` rows, in their order. `copied_to` is the table that COPY
/// names in its errors. Errors: those that no single row causes.
[[nodiscard]] caf::expected<sieved_rows>
sieve_rows(postgres::connection& db, size_t count, std::string_view copied_to,
           const store_range& store);

/// The row, from 0, that an error's context names: "COPY name, line 12".
/// nullopt if it names none. Only a hint: an error in storing several rows at
/// once names the last one read.
[[nodiscard]] std::optional<size_t>
row_in_context(std::string_view context, std::string_view copied_to);

} // namespace sluice

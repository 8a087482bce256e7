// What a sink that writes rows has counted, for the account.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

/// The numbers of captures with a gap in one column.
struct column_counts {
  uint64_t missing = 0;    ///< no value
  uint64_t mismatched = 0; ///< a value of another type
  uint64_t replaced = 0;   ///< a text in which something became U+FFFD
  bool operator==(const column_counts&) const = default;
};

struct row_counts {
  uint64_t rows = 0;                  ///< written
  std::vector<column_counts> columns; ///< as the config orders them
  bool operator==(const row_counts&) const = default;
};

/// What a sink that writes rows has committed.
struct committed_rows {
  row_counts counts;
  uint64_t dead_letters = 0;
  std::vector<std::string> columns; ///< their names
};

} // namespace sluice

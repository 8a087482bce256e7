// What an error of PostgreSQL means for the one who asked: wait, set a row
// aside, or stop. By its SQLSTATE, five letters or digits that do not depend on
// the server's language.

#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::postgres {

enum class trouble : uint8_t {
  unavailable, ///< may pass: a lost connection, a lock, a full disk
  bad_row,     ///< the database refuses what one row contains
  lasting,     ///< somebody must change something
};

/// Of an empty state, which libpq's own errors have: unavailable.
[[nodiscard]] trouble trouble_of(std::string_view sqlstate) noexcept;

} // namespace sluice::postgres

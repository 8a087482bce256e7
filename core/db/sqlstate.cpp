#include "core/db/sqlstate.hpp"

#include <algorithm>
#include <iterator>

namespace sluice::postgres {

namespace {

struct meaning {
  std::string_view begin; ///< of the SQLSTATE
  trouble kind;
};

/// The first line that matches counts.
/// https://www.postgresql.org/docs/15/errcodes-appendix.html
constexpr meaning meanings[] = {
  {"08", trouble::unavailable},    // connection exception
  {"25006", trouble::unavailable}, // read-only: this is a stand-by now
  {"25P03", trouble::unavailable}, // idle in a transaction for too long
  {"40001", trouble::unavailable}, // serialization failure
  {"40P01", trouble::unavailable}, // deadlock
  {"53", trouble::unavailable},    // disk full, out of memory, connections
  {"55P03", trouble::unavailable}, // lock not available
  {"57P0", trouble::unavailable},  // shutdown, crash, starting up
  {"22P04", trouble::lasting},     // bad COPY format, which is our fault
  {"22", trouble::bad_row},        // data exception
  {"23", trouble::bad_row},        // integrity constraint
  {"44000", trouble::bad_row},     // WITH CHECK OPTION
  {"54000", trouble::bad_row},     // a limit, such as the size of a row
  {"54001", trouble::bad_row},     // too deep for the server's stack
  {"P0001", trouble::bad_row},     // RAISE in a trigger
};

} // namespace

trouble trouble_of(std::string_view sqlstate) noexcept {
  if (sqlstate.empty())
    return trouble::unavailable;
  auto found = std::find_if(
    std::begin(meanings), std::end(meanings),
    [&](const meaning& one) { return sqlstate.starts_with(one.begin); });
  return found == std::end(meanings) ? trouble::lasting : found->kind;
}

} // namespace sluice::postgres

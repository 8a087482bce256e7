// What an import of URL lists produces, and the interface that receives it.

#pragma once

#include "core/base/error.hpp"
#include "core/model/list_identity.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// One input record that cannot be submitted.
struct invalid_record {
  std::string source; ///< file name as given, "-" for standard input
  uint64_t line = 0;  ///< from 1
  std::string text;   ///< its bytes, cut to max_url_bytes
  std::string reason;
};

struct import_counts {
  uint64_t records = 0; ///< all input records, not counting blank and '#' lines
  uint64_t invalid = 0;
  uint64_t duplicates = 0;
  uint64_t urls = 0; ///< records - invalid - duplicates
  uint64_t batches = 0;
};

/// Receives the results of an import. The ledger implements it; so does `plan`.
class import_target {
public:
  virtual ~import_target() = default;
  /// A batch of at least one URL, all for `robot`.
  virtual caf::error add_batch(std::string_view robot,
                               const std::vector<std::string_view>& urls) = 0;
  virtual caf::error add_invalid(const invalid_record& record) = 0;
  /// A list was read completely. The default does nothing.
  virtual caf::error add_list(const list_identity&) { return {}; }
};

} // namespace sluice

// Detects the layout of a CSV list: its separator, and the column with the
// URLs. Any ambiguity is an error that names the setting to use: with a wrong
// separator, the rest of the row would become part of the URL, and sluice would
// buy that URL.

#pragma once

#include "core/input/csv_record.hpp"
#include "core/input/import.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

struct csv_layout {
  char separator = ',';
  size_t column = 0;       ///< the URL's column, from 0
  size_t columns = 1;      ///< in the first row
  bool has_header = true;  ///< the first row contains names
  std::string column_name; ///< as in the header

  /// "csv, separated by semicolons, URL in column 2 of 3 (Link)"
  [[nodiscard]] std::string text() const;
};

/// The beginning of a list.
struct csv_sample {
  std::string_view text;
  bool is_all; ///< no text follows
};

/// Finds the column that `field` names: by its name in the header row (ignoring
/// case if only one column matches that way), or by its number, from 1, if the
/// list has no header. Uses `delimiter` unless it is `automatic`. Errors:
/// ec::input, without the list's name.
[[nodiscard]] caf::expected<csv_layout>
find_csv_layout(csv_sample sample, list_delimiter delimiter,
                const std::string& field);

/// Why a row looks as if its URL is cut off or includes the rest of the row: it
/// has more fields than `layout`, after a URL in the last column; or it has one
/// field, or fewer than `layout`, that contains another separator:
/// "https://shop.example/1;12". nullptr if it does not.
[[nodiscard]] const char*
separator_defect(const csv_layout& layout, const csv_record& row);

} // namespace sluice

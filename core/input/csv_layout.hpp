// How a CSV list is laid out: what separates its columns, and which of them
// holds the URL. What cannot be told for certain is an error with the setting
// that decides it: a wrong separator would leave the rest of the row on the
// URL, and such a URL would be bought.

#pragma once

#include "core/input/csv_record.hpp"
#include "core/input/import.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

struct csv_layout {
  char separator = ',';
  size_t column = 0;       ///< the URL's, from 0
  size_t columns = 1;      ///< of the first row
  bool has_header = true;  ///< the first row has the names
  std::string column_name; ///< as the header has it

  /// "csv, separated by semicolons, URL in column 2 of 3 (Link)"
  [[nodiscard]] std::string text() const;
};

/// The front of a list.
struct csv_sample {
  std::string_view text;
  bool is_all; ///< no text follows
};

/// Finds the column that `field` names: by its name in the header row, in
/// another case where only one column has it, or by its number, from 1, where
/// the list has no header. `delimiter` is taken at its word unless it is
/// `automatic`.
/// Errors: ec::input, without the list's name.
[[nodiscard]] caf::expected<csv_layout>
find_csv_layout(csv_sample sample, list_delimiter delimiter,
                const std::string& field);

/// Why a row looks as if its URL had been cut or had the rest of the row: it
/// has more fields than `layout` says, behind a URL in the last column; or it
/// has only one field, or fewer than `layout` says, and that holds another
/// separator: "https://shop.example/1;12". nullptr when it does not.
[[nodiscard]] const char*
separator_defect(const csv_layout& layout, const csv_record& row);

} // namespace sluice

// Finds the end and the fields of one CSV record (RFC 4180, any separator).

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct csv_field {
  std::string_view text;   ///< between the quotes, if there are any
  bool has_quotes = false; ///< doubled quotes inside `text`
  bool is_quoted = false;  ///< stands between quotes

  /// What the field means: doubled quotes are one.
  [[nodiscard]] std::string value() const;
};

struct csv_record {
  enum class status {
    complete,
    unfinished, ///< the text ends within it
    broken,     ///< a quote stands where none may
  };
  status is = status::complete;
  size_t bytes = 0;  ///< of the record with its line break
  size_t breaks = 0; ///< line breaks among them
  std::vector<csv_field> fields;
};

/// Reads the record at the front of `text` into `record`; `is_all` says that
/// no text follows. Fields are views into `text`.
void scan_csv_record(std::string_view text, bool is_all, char separator,
                     csv_record& record);

} // namespace sluice

// Splits off one CSV record and its fields (RFC 4180, any separator).

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct csv_field {
  std::string_view text;   ///< without the enclosing quotes
  bool has_quotes = false; ///< `text` contains doubled quotes
  bool is_quoted = false;  ///< the field is enclosed in quotes

  /// The field's value: doubled quotes become one.
  [[nodiscard]] std::string value() const;
};

struct csv_record {
  enum class status {
    complete,
    unfinished, ///< the text ends inside the record
    broken,     ///< a quote where none is allowed
  };
  status is = status::complete;
  size_t bytes = 0;  ///< including the line break
  size_t breaks = 0; ///< line breaks in the record
  std::vector<csv_field> fields;
};

/// Reads the record at the front of `text` into `record`. `is_all`: no text
/// follows. Fields are views into `text`.
void scan_csv_record(std::string_view text, bool is_all, char separator,
                     csv_record& record);

} // namespace sluice

// Reads the records of a URL list one by one, in any format. Invalid records
// are returned as well, with the reason: nothing is dropped silently.
//
// lines  one URL per line; lines that begin with '#' are comments
// csv    RFC 4180, separated by commas, semicolons or tabs; the URL is in a
//        column that the header row names, or in one given by its number
// jsonl  one JSON object per line; the URL is a string member, or the string
//        that a JSON Pointer leads to; '#' lines are comments here too
// json   the same objects in one array
//
// Blank lines are skipped, and blanks around a URL are removed.

#pragma once

#include "core/base/byte_source.hpp"
#include "core/input/import.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sluice {

/// The views are valid until the next record is read.
struct list_record {
  std::string_view text;   ///< the URL, or the invalid text
  uint64_t line = 0;       ///< the record's first line, from 1
  std::string_view defect; ///< why it has no URL; empty if it has one
};

class list_reader {
public:
  virtual ~list_reader() = default;
  /// Reads the next record; false at the end. Errors: ec::input with list and
  /// line if reading cannot continue.
  virtual caf::expected<bool> next(list_record& record) = 0;
  /// The format of the list, in a few words.
  [[nodiscard]] virtual std::string form() const = 0;
};

/// Opens the list `name` ("-" is standard input). `automatic` goes by the
/// extension. `monitor` must outlive the reader.
[[nodiscard]] caf::expected<std::unique_ptr<list_reader>>
open_list_reader(const std::string& name, const input_options& options,
                 read_monitor& monitor);

/// How the records of the list `name` are read, in a few words. Reading the
/// same bytes in another way may find other URLs.
[[nodiscard]] std::string
reading_of(const std::string& name, const input_options& options);

} // namespace sluice

// The records of a URL list, one by one, whatever its format. What cannot be
// a record is one all the same, with the reason: nothing is passed over in
// silence.
//
// lines  one URL a line; lines that begin with '#' are comments
// csv    RFC 4180, separated by commas, semicolons or tabs; the URL is in a
//        column that the header row names, or in one given by its number
// jsonl  one JSON object a line; the URL is a string member, or the string
//        that a JSON Pointer leads to; '#' lines are comments here too
// json   the same objects in one array
//
// Blank lines are no records, and blanks around a URL do not belong to it.

#pragma once

#include "core/base/byte_source.hpp"
#include "core/input/import.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sluice {

/// Views are valid until the next record is read.
struct list_record {
  std::string_view text;   ///< the URL, or what stands in its place
  uint64_t line = 0;       ///< where the record begins, from 1
  std::string_view defect; ///< why it holds no URL; empty when it does
};

class list_reader {
public:
  virtual ~list_reader() = default;
  /// Reads the next record; false at the end. Errors: ec::input with list and
  /// line when the list cannot be read on.
  virtual caf::expected<bool> next(list_record& record) = 0;
  /// How the list is read, in a few words.
  [[nodiscard]] virtual std::string form() const = 0;
};

/// Opens the list `name` ("-" is standard input). `automatic` goes by the
/// extension. `monitor` must outlive the reader.
[[nodiscard]] caf::expected<std::unique_ptr<list_reader>>
open_list_reader(const std::string& name, const input_options& options,
                 read_monitor& monitor);

/// How the records of the list `name` are understood, in a few words: another
/// way may find other URLs in the same bytes.
[[nodiscard]] std::string
reading_of(const std::string& name, const input_options& options);

} // namespace sluice

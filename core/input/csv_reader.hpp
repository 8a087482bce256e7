// Records of a CSV list: the URL's column of every row.

#pragma once

#include "core/input/list_reader.hpp"
#include "core/input/text_reader.hpp"

#include <memory>
#include <string>

namespace sluice {

/// Longer records are invalid; this also bounds how far a quote that is never
/// closed can reach.
inline constexpr size_t longest_csv_record = 64 * 1024;

/// Finds where the URLs are (csv_layout.hpp) and passes over the header row.
/// An ill-formed record is invalid by its first line alone: reading goes on at
/// the next line, so that one stray quote never swallows good rows.
/// Errors: ec::input when the column cannot be told, with what would help.
[[nodiscard]] caf::expected<std::unique_ptr<list_reader>>
make_csv_reader(text_reader text, list_delimiter delimiter,
                const std::string& field);

} // namespace sluice

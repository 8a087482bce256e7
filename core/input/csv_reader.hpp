// Reads a CSV list: the URL column of every row.

#pragma once

#include "core/input/list_reader.hpp"
#include "core/input/text_reader.hpp"

#include <memory>
#include <string>

namespace sluice {

/// Longer records are invalid. This also limits how far an unclosed quote can
/// reach.
inline constexpr size_t longest_csv_record = 64 * 1024;

/// Detects the layout (csv_layout.hpp) and skips the header row. In an
/// ill-formed record only the first line is invalid: reading resumes at the
/// next line, so a stray quote never swallows good rows. Errors: ec::input if
/// the column is in doubt, with a remedy.
[[nodiscard]] caf::expected<std::unique_ptr<list_reader>>
make_csv_reader(text_reader text, list_delimiter delimiter,
                const std::string& field);

} // namespace sluice

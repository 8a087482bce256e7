// What standard error can show: a live line and colours. Also fits a line to a
// terminal's width.

#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// How much a user wants to read.
enum class verbosity {
  quiet,   ///< only errors and the account
  normal,  ///< what the config's `log` selects, and the progress
  verbose, ///< every log line, no live line
};

/// How to write to standard error.
struct output_style {
  bool progress = true;  ///< show how far along the job is
  bool live = false;     ///< on one line that is redrawn
  bool coloured = false; ///< for levels and important figures
};

/// `term` and `no_color` are the values of TERM and NO_COLOR, null if unset.
[[nodiscard]] output_style style_for(verbosity wanted, bool is_terminal,
                                     const char* term, const char* no_color);

/// `style_for` this process's standard error and environment.
[[nodiscard]] output_style output_style_for(verbosity wanted);

/// As many of the parts of `line`, separated by ", ", as fit into `columns`.
/// The first is cut if it alone is too long. If `coloured`, the first part is
/// bold and 429s are yellow; colours take no columns.
[[nodiscard]] std::string
fit_line(std::string_view line, size_t columns, bool coloured);

} // namespace sluice

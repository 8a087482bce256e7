// What standard error can show: whether there may be a live line and colours,
// and how a line is fitted to a terminal's width.

#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// How much a user wants to read.
enum class verbosity {
  quiet,   ///< only errors and the account
  normal,  ///< as the config's `log` says, and the progress
  verbose, ///< every log line, nothing that moves
};

/// How to write to standard error.
struct output_style {
  bool progress = true;  ///< tell how far the job is
  bool live = false;     ///< on one line that is drawn again and again
  bool coloured = false; ///< levels and figures that matter
};

/// `term` and `no_color` are the values of TERM and NO_COLOR, null when
/// unset.
[[nodiscard]] output_style style_for(verbosity wanted, bool is_terminal,
                                     const char* term, const char* no_color);

/// `style_for` this process's standard error and environment.
[[nodiscard]] output_style output_style_for(verbosity wanted);

/// As many of the parts of `line`, which ", " separates, as fit into
/// `columns`; the first is cut where it alone is too long. Where `coloured`,
/// the first part stands out and 429s are a warning; colours take no columns.
[[nodiscard]] std::string
fit_line(std::string_view line, size_t columns, bool coloured);

} // namespace sluice

// A URL list as numbered lines, in constant memory for lines of any length. The
// base of all formats (list_reader.hpp).

#pragma once

#include "core/base/byte_window.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

struct text_line {
  std::string_view text; ///< without the line break and blanks at both ends
  uint64_t number = 0;   ///< from 1
  bool too_long = false; ///< `text` is cut to max_url_bytes
};

/// All errors name the list and the current line.
class text_reader {
public:
  /// Lines longer than `longest` bytes are skipped. `name` is the list's, for
  /// errors; `monitor` must outlive the reader.
  text_reader(std::string name, std::unique_ptr<byte_source> bytes,
              size_t longest, read_monitor& monitor);

  /// Reads the next line that is not blank; false at the end. The line is valid
  /// until the next call.
  [[nodiscard]] caf::expected<bool> next_line(text_line& line);

  // -- for multi-line records -----------------------------------------------

  /// The unread text; empty before the first `read_more`.
  [[nodiscard]] std::string_view view() const noexcept {
    return window_.view();
  }

  [[nodiscard]] bool ended() const noexcept { return window_.ended(); }

  /// The line number at which the view begins.
  [[nodiscard]] uint64_t line() const noexcept { return line_; }

  /// Appends text to the view; skips a byte order mark at the start. Errors:
  /// ec::input for UTF-16 or UTF-32 text. REQUIRES: the view is not longer than
  /// `longest`.
  [[nodiscard]] caf::error read_more();

  /// Removes text from the front of the view; `breaks` is its line breaks.
  void consume(size_t bytes, uint64_t breaks) noexcept {
    window_.consume(bytes);
    line_ += breaks;
  }

  /// Skips the current line; `prefix()` has its beginning.
  [[nodiscard]] caf::error skip_line();

  [[nodiscard]] std::string_view prefix() const noexcept { return prefix_; }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
  /// `err` with list and line in front.
  [[nodiscard]] caf::error located(const caf::error& err) const;
  /// Checks the first bytes of the text.
  [[nodiscard]] caf::error begin();
  [[nodiscard]] caf::error skip_blanks();

  std::string name_;
  byte_window window_;
  size_t longest_;
  read_monitor& monitor_;
  uint64_t line_ = 1;
  bool begun_ = false;
  std::string prefix_;
};

/// Removes spaces, tabs and carriage returns from both ends of `text`.
[[nodiscard]] std::string_view without_blanks(std::string_view text) noexcept;

} // namespace sluice

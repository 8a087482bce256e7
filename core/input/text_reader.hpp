// A URL list as text: its lines, numbered, in constant memory however long
// they are. The formats (list_reader.hpp) are read through it.

#pragma once

#include "core/base/byte_window.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

struct text_line {
  std::string_view text; ///< blanks at both ends and the line break removed
  uint64_t number = 0;   ///< from 1
  bool too_long = false; ///< `text` is only its first max_url_bytes
};

/// Errors of all functions name the list and the line reached.
class text_reader {
public:
  /// Lines longer than `longest` bytes are passed over. `name` is the list's,
  /// for errors; `monitor` must outlive the reader.
  text_reader(std::string name, std::unique_ptr<byte_source> bytes,
              size_t longest, read_monitor& monitor);

  /// The next line that is not blank; false at the end. It is valid until the
  /// next call.
  [[nodiscard]] caf::expected<bool> next_line(text_line& line);

  // -- for records of several lines -----------------------------------------

  /// The unread text; empty before the first `read_more`.
  [[nodiscard]] std::string_view view() const noexcept {
    return window_.view();
  }

  [[nodiscard]] bool ended() const noexcept { return window_.ended(); }

  /// Number of the line that the view begins with.
  [[nodiscard]] uint64_t line() const noexcept { return line_; }

  /// Reads on behind the view, without a byte order mark at the start. Text
  /// that begins as UTF-16 or UTF-32 is ec::input.
  /// REQUIRES: the view is not longer than `longest`.
  [[nodiscard]] caf::error read_more();

  /// Takes text off the view's front; `breaks` is the line breaks in it.
  void consume(size_t bytes, uint64_t breaks) noexcept {
    window_.consume(bytes);
    line_ += breaks;
  }

  /// Passes over the current line; `prefix()` has its front.
  [[nodiscard]] caf::error skip_line();

  [[nodiscard]] std::string_view prefix() const noexcept { return prefix_; }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
  /// `err` with its place put before it.
  [[nodiscard]] caf::error located(const caf::error& err) const;
  /// Looks at the text's first bytes.
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

/// `text` without spaces, tabs and carriage returns at its ends.
[[nodiscard]] std::string_view without_blanks(std::string_view text) noexcept;

} // namespace sluice

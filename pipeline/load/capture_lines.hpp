// The captures of one file, a line each, as pages for a sink. The file is from
// outside: each line is checked, and memory is bounded whatever it contains.

#pragma once

#include "core/base/byte_source.hpp"
#include "core/base/error.hpp"
#include "core/input/list_hash.hpp"
#include "core/model/capture_page.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

struct load_limits {
  size_t captures = 100;          ///< of a page
  size_t bytes = size_t{4} << 20; ///< of a page, unless one capture is larger
  size_t longest = size_t{16} << 20; ///< bytes of a line without its line feed
  size_t blanks = size_t{64} << 20;  ///< passed over before a page ends
};

/// Captures for one page, in the order of the file. None if only blank lines
/// were passed over; then the body is null.
struct line_page {
  std::shared_ptr<const std::string> body;
  std::vector<capture_span> captures;
  uint64_t first_line = 0; ///< in the file, from 1: of the first capture
  uint64_t last_line = 0;  ///< of the last one
};

/// Reads from front to back. A page ends where the limits say, not where a read
/// ended, so pages are the same whenever reading starts at the same offset.
class capture_lines {
public:
  /// `name` is the file's, for messages.
  capture_lines(std::string name, std::unique_ptr<byte_source> bytes,
                const load_limits& limits);

  /// Passes over the first `bytes` bytes, which an earlier process has read.
  /// REQUIRES: nothing was read yet. Errors: ec::disk if they end earlier;
  /// ec::interrupted if `goes_on` returns false; those of the source.
  [[nodiscard]] caf::error
  skip(uint64_t bytes, const std::function<bool()>& goes_on);

  /// The next page; nullopt at the end of the file. Lines of blanks are passed
  /// over; a page without captures comes after many of them. Before any error,
  /// all captures in front of it are returned. Errors: ec::input for a line
  /// that is not one JSON value or is too long, and for a file that cannot be
  /// read; ec::stopped if the file ends within a line.
  [[nodiscard]] caf::expected<std::optional<line_page>> next();

  /// Whether nothing follows what was returned: no line, and no error.
  [[nodiscard]] bool at_end();

  /// Bytes of the lines returned or passed over so far, line feeds included.
  [[nodiscard]] uint64_t offset() const noexcept { return offset_; }

  /// The hash of these bytes.
  [[nodiscard]] std::string hash() const { return digest_.finish(); }

private:
  enum class step { added, page_is_full, needs_more };

  [[nodiscard]] step take_line(line_page& page);
  void add(line_page& page, size_t begin, size_t end);
  [[nodiscard]] bool is_full(const line_page& page, size_t end) const;
  [[nodiscard]] caf::error fill();
  [[nodiscard]] caf::error unfinished() const;
  [[nodiscard]] caf::error bad_line(std::string_view what) const;
  void pass(std::string_view bytes);

  std::string name_;
  std::unique_ptr<byte_source> bytes_;
  load_limits limits_;
  list_digest digest_;
  std::string buffer_;  ///< from the start of the next page
  size_t taken_ = 0;    ///< bytes in front of it that are in the page
  size_t searched_ = 0; ///< bytes without a line feed after `taken_`
  uint64_t offset_ = 0;
  uint64_t line_ = 1; ///< of the first byte after `taken_`
  bool ended_ = false;
  caf::error defect_; ///< what follows the captures returned so far
};

} // namespace sluice

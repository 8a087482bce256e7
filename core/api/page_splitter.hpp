// Splits the body of a page into its captures without rewriting them: a capture
// leaves sluice with the bytes that the API sent.

#pragma once

#include "core/api/api_profile.hpp"
#include "core/base/error.hpp"
#include "core/base/pointer_tree.hpp"
#include "core/model/capture_page.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// The contents of one page.
struct split_page {
  capture_list captures;
  std::optional<std::string> next; ///< nullopt: absent, null, false or empty
  bool next_is_zero = false;       ///< `next` is the number 0
  /// An unusable value at a `next` pointer, such as "an object at /nextCursor",
  /// if no pointer has a usable one: there may be a next page.
  std::optional<std::string> unusable_next;
  std::optional<bool> more;
};

/// The lines of a text that are not captures.
struct bad_lines {
  uint64_t count = 0;
  uint64_t first_at = 0; ///< offset of the first one
  std::string first_why; ///< its defect, with the byte in the line
};

/// The contents of a text with one capture per line.
struct split_text {
  capture_list captures;
  bad_lines bad;
};

/// Splits pages of one dialect. Pure; thread-safe after construction.
class page_splitter {
public:
  /// A page with more captures is refused: each takes 40 bytes besides the
  /// body.
  static constexpr size_t max_captures = 250'000;

  explicit page_splitter(const results_dialect& dialect);

  /// Splits `body`, which must be one JSON text (json_reader.hpp). null as the
  /// list of captures means an empty list. If an object has several members of
  /// the same name, the first one counts. Errors: ec::bad_reply, with the byte
  /// offset, if the body is not JSON, nests deeper than max_json_depth, has the
  /// list of captures twice, or has too many captures; also if no `items`
  /// pointer leads to a list.
  [[nodiscard]] caf::expected<split_page> split(std::string_view body) const;

  /// The captures of a page that `split` refuses: those of the first list that
  /// are complete before the first defect.
  [[nodiscard]] capture_list salvage(std::string_view body) const;

  /// Splits text with one JSON capture per line; skips blank lines. Skips and
  /// counts lines that are not captures.
  [[nodiscard]] split_text split_lines(std::string_view body) const;

private:
  pointer_tree page_;    ///< pointers from the document's root
  pointer_tree capture_; ///< pointers from one capture
  size_t items_;         ///< number of `items` pointers
  json_pointers next_;
  bool numeric_next_;  ///< a number is also a cursor
  std::string wanted_; ///< the `items` pointers, for messages
};

} // namespace sluice

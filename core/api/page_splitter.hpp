// Cuts the body of a page into its captures without writing any of it anew:
// a capture leaves sluice with the bytes that the API sent.

#pragma once

#include "core/api/api_profile.hpp"
#include "core/base/error.hpp"
#include "core/base/pointer_tree.hpp"
#include "core/model/capture_page.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// What one page says.
struct split_page {
  capture_list captures;
  std::optional<std::string> next; ///< nullopt: absent, null, false or empty
  bool next_is_zero = false;       ///< `next` is the number 0
  /// What stands at a `next` pointer and cannot be used, such as "an object at
  /// /nextCursor", when no usable one does: there may be a next page.
  std::optional<std::string> unusable_next;
  std::optional<bool> more;
};

/// Lines of a text that are not one capture each.
struct bad_lines {
  uint64_t count = 0;
  uint64_t first_at = 0; ///< offset of the first one
  std::string first_why; ///< what is wrong with it, with the byte in the line
};

/// What lines of one capture each say.
struct split_text {
  capture_list captures;
  bad_lines bad;
};

/// Reads pages of one dialect. Pure and thread-safe after construction.
class page_splitter {
public:
  /// More captures on one page are refused: each takes 40 bytes besides
  /// the body.
  static constexpr size_t max_captures = 250'000;

  explicit page_splitter(const results_dialect& dialect);

  /// Splits `body`, which must be one JSON text (json_reader.hpp). A list of
  /// captures that is null is empty.
  /// Of several members with the same name the first one counts.
  /// Errors: ec::bad_reply, with the byte offset, for what is not JSON, nests
  /// deeper than max_json_depth, has the list of captures twice, or has too
  /// many; and for a page with no list of captures at any `items` pointer.
  [[nodiscard]] caf::expected<split_page> split(std::string_view body) const;

  /// The captures of a page that `split` refuses, up to its first defect:
  /// those of the first list that stand whole in front of it.
  [[nodiscard]] capture_list salvage(std::string_view body) const;

  /// Splits lines of one JSON text each, blank ones aside, into captures. What
  /// is wrong with a line, as above, costs that line.
  [[nodiscard]] split_text split_lines(std::string_view body) const;

private:
  pointer_tree page_;    ///< from the document's root
  pointer_tree capture_; ///< from one capture
  size_t items_;         ///< number of `items` pointers
  json_pointers next_;
  bool numeric_next_;  ///< a number is a cursor too
  std::string wanted_; ///< the `items` pointers, for messages
};

} // namespace sluice

// Cuts the body of a page into its captures without writing any of it anew:
// a capture leaves sluice with the bytes that the API sent.

#pragma once

#include "core/api_profile.hpp"
#include "core/capture_page.hpp"
#include "core/error.hpp"
#include "core/pointer_tree.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// What one page says.
struct split_page {
  capture_list captures;
  std::optional<std::string> next; ///< nullopt: absent, null or empty
  std::optional<bool> more;
};

/// Reads pages of one dialect. Pure and thread-safe after construction.
class page_splitter {
public:
  /// More captures on one page are refused: the memory for them would be a
  /// multiple of the body's.
  static constexpr size_t max_captures = 1'000'000;

  explicit page_splitter(const results_dialect& dialect);

  /// Splits `body`, which must be one JSON text. Errors: ec::bad_reply for
  /// what is not JSON (with the byte offset), nests deeper than
  /// max_json_depth, has no array at any `items` pointer, has one twice, or
  /// has too many captures.
  [[nodiscard]] caf::expected<split_page> split(std::string_view body) const;

  /// Splits lines of one JSON text each, blank ones aside, into captures.
  /// Errors: ec::bad_reply, as above, or for a line with anything else.
  [[nodiscard]] caf::expected<capture_list>
  split_lines(std::string_view body) const;

private:
  pointer_tree page_;    ///< from the document's root
  pointer_tree capture_; ///< from one capture
  size_t items_;         ///< number of `items` pointers
  bool numeric_next_;    ///< a number is a cursor too
  std::string wanted_;   ///< the `items` pointers, for messages
};

} // namespace sluice

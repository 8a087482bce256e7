// Reads the values of a sink's columns out of a capture, in one pass.
//
// Nothing is converted: a number stays its own text, and a string is decoded
// only by `cell_text`. Of several members with one name the last counts; of a
// column's pointers, the first that leads to a value of its type. A JSON null
// counts as missing.

#pragma once

#include "core/select/column.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

enum class cell_state : uint8_t { value, missing, mismatched };

/// A column's value in one row.
struct cell {
  cell_state state = cell_state::missing;
  /// text: the bytes between the quotes, escapes as written, or a number's own
  /// text. integer, number: the number as written. json: the JSON text as
  /// written. boolean: "true" or "false". time: RFC 3339 (json_time.hpp).
  std::string_view text{};
  bool escaped = false; ///< a text with escapes

  [[nodiscard]] bool is_null() const { return state != cell_state::value; }
};

/// What the columns with an `own_value` get. An empty text counts as missing,
/// as does a batch that is not set.
struct own_values {
  std::string_view run{}, robot{}, job{};
  std::optional<int64_t> batch{};
  uint64_t delivery = 0;
  std::string_view delivered_at{}; ///< RFC 3339
};

/// Not thread-safe.
class row_selector {
public:
  /// REQUIRES: at most max_columns, as config/columns.hpp checks them.
  explicit row_selector(column_list columns);
  ~row_selector();
  row_selector(row_selector&&) noexcept;
  row_selector& operator=(row_selector&&) noexcept;

  [[nodiscard]] const column_list& columns() const;

  /// The cells of one row, in the order of the columns. Valid until the next
  /// call, and as long as `capture` and `own` are.
  /// REQUIRES: `capture` is one JSON value, as page_splitter.hpp passes them.
  /// Of anything else the cells may have anything within its bytes.
  [[nodiscard]] std::span<const cell>
  select(std::string_view capture, const own_values& own);

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// What a decoded text lacks of the original.
struct text_losses {
  uint64_t replaced = 0; ///< unpaired surrogates and invalid UTF-8 sequences
  bool has_nul = false;  ///< it contains U+0000
};

/// The text of a `text` cell as valid UTF-8: a view of `of.text`, or of the
/// decoded form in `scratch`. Each unpaired surrogate escape and each invalid
/// UTF-8 sequence becomes U+FFFD, which adds to `losses.replaced`.
[[nodiscard]] std::string_view
cell_text(const cell& of, std::string& scratch, text_losses& losses);

} // namespace sluice

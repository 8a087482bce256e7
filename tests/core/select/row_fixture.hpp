// Selects rows in tests.

#pragma once

#include "core/select/row_selector.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace sluice::test {

inline column make_column(column_type type, json_pointers from) {
  return {.name = "c", .from = std::move(from), .type = type};
}

/// What a cell is, for comparison: "missing", "mismatched", or "=" and its
/// text.
inline std::string shown(const cell& each) {
  switch (each.state) {
    case cell_state::missing:
      return "missing";
    case cell_state::mismatched:
      return "mismatched";
    case cell_state::value:
      return "=" + std::string{each.text};
  }
  return "no state";
}

/// The cell of one column in one capture.
inline std::string selected(const column& wanted, std::string_view capture,
                            const own_values& own = {}) {
  row_selector selector{{wanted}};
  return shown(selector.select(capture, own).front());
}

/// The cell of the member `v`.
inline std::string selected(column_type type, std::string_view capture) {
  return selected(make_column(type, {"/v"}), capture);
}

} // namespace sluice::test

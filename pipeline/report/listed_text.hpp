// The URLs in one state, as `status --list` prints them: one line or record
// each.

#pragma once

#include "core/model/account.hpp"

#include <string>

namespace sluice {

enum class list_form {
  plain, ///< the URL alone, usable as a list
  csv,   ///< RFC 4180
  jsonl,
};

/// The header line of csv; empty for the other forms.
[[nodiscard]] std::string listed_header(list_form form);

/// One URL, with its line break. `state` is the name of the list's state.
/// Invalid records are escaped in all forms because they may contain anything.
[[nodiscard]] std::string
listed_text(list_form form, const std::string& state, const listed_url& url);

} // namespace sluice

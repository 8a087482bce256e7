// The URLs in a state as `status --list` prints them, a line or record each.

#pragma once

#include "core/model/account.hpp"

#include <string>

namespace sluice {

enum class list_form {
  plain, ///< the URL alone: an input again
  csv,   ///< RFC 4180
  jsonl,
};

/// What precedes the first one.
[[nodiscard]] std::string listed_header(list_form form);

/// With its line break. `state` is the name of the list's state. Invalid
/// records are escaped in all forms: they may hold anything.
[[nodiscard]] std::string
listed_text(list_form form, const std::string& state, const listed_url& url);

} // namespace sluice

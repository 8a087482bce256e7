#include "core/select/cell_value.hpp"

#include "core/base/ascii.hpp"
#include "core/base/json_scan.hpp"
#include "core/select/json_time.hpp"

#include <algorithm>

namespace sluice {

namespace {

using kind = found_value::kind;

/// The bytes between the quotes.
std::string_view inner(const found_value& string) {
  return string.json.substr(1, string.json.size() - 2);
}

/// A number, also one that is written as a string; empty for anything else.
std::string_view number_in(const found_value& value) {
  if (value.what == kind::number)
    return value.json;
  if (value.what != kind::string)
    return {};
  auto text = inner(value);
  auto begin = text.data();
  auto end = begin + text.size();
  auto bad = false;
  return json_scan::number(begin, end, bad) == end && !bad ? text
                                                           : std::string_view{};
}

bool is_integer(std::string_view number) {
  return std::all_of(number.begin() + (number.starts_with('-') ? 1 : 0),
                     number.end(), is_digit);
}

std::string_view
time_in(const found_value& value, const column& wanted, std::string& scratch) {
  if (auto number = number_in(value); !number.empty())
    return wanted.unit ? time_of_number(number, *wanted.unit, scratch)
                       : std::string_view{};
  if (value.what != kind::string)
    return {};
  // Enough to see that a longer text is not a time.
  constexpr size_t longest = 64;
  std::string unescaped;
  auto text = json_text(
    {.kind = json_kind::string, .text = inner(value), .escaped = value.escaped},
    unescaped, longest);
  auto time = time_of_text(text, scratch);
  if (!time.empty() && time.data() == unescaped.data())
    return scratch = time;
  return time;
}

/// Makes `out` a value; mismatched if `text` is empty or too long.
void fill(cell& out, std::string_view text) {
  auto is_value = !text.empty() && text.size() <= max_column_value;
  out.state = is_value ? cell_state::value : cell_state::mismatched;
  out.text = is_value ? text : std::string_view{};
}

/// Only a text may be empty.
void fill_text(cell& out, const found_value& value) {
  if (value.what == kind::number)
    return fill(out, value.json);
  auto text = value.what == kind::string ? inner(value) : std::string_view{};
  fill(out, text);
  out.escaped = value.escaped;
  if (value.what == kind::string && text.empty())
    out.state = cell_state::value;
}

} // namespace

void set_cell(cell& out, const column& wanted, const found_value& value,
              std::string& scratch) {
  out.escaped = false;
  switch (wanted.type) {
    case column_type::text:
      return fill_text(out, value);
    case column_type::integer: {
      auto number = number_in(value);
      return fill(out, is_integer(number) ? number : std::string_view{});
    }
    case column_type::number:
      return fill(out, number_in(value));
    case column_type::boolean: {
      auto is_boolean = value.what == kind::yes || value.what == kind::no;
      return fill(out, is_boolean ? value.json : std::string_view{});
    }
    case column_type::time:
      return fill(out, time_in(value, wanted, scratch));
    case column_type::json:
      return fill(out, value.json);
  }
}

} // namespace sluice

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
  // Enough to see that a longer text is no time.
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

std::optional<cell> filled(std::string_view text) {
  if (text.empty())
    return std::nullopt;
  return cell{cell_state::value, text};
}

std::optional<cell> text_cell(const found_value& value) {
  if (value.what == kind::string)
    return cell{cell_state::value, inner(value), value.escaped};
  return value.what == kind::number ? filled(value.json) : std::nullopt;
}

std::optional<cell> boolean_cell(const found_value& value) {
  if (value.what != kind::yes && value.what != kind::no)
    return std::nullopt;
  return filled(value.json);
}

std::optional<cell> cell_of_any_size(const column& wanted,
                                     const found_value& value,
                                     std::string& scratch) {
  switch (wanted.type) {
    case column_type::text:
      return text_cell(value);
    case column_type::integer: {
      auto number = number_in(value);
      return is_integer(number) ? filled(number) : std::nullopt;
    }
    case column_type::number:
      return filled(number_in(value));
    case column_type::boolean:
      return boolean_cell(value);
    case column_type::time:
      return filled(time_in(value, wanted, scratch));
    case column_type::json:
      return filled(value.json);
  }
  return std::nullopt;
}

} // namespace

std::optional<cell>
cell_of(const column& wanted, const found_value& value, std::string& scratch) {
  auto found = cell_of_any_size(wanted, value, scratch);
  if (found && found->text.size() > max_column_value)
    return std::nullopt;
  return found;
}

} // namespace sluice

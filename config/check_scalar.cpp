#include "config/check_scalar.hpp"

#include "core/base/ascii.hpp"
#include "core/base/units.hpp"

#include <algorithm>
#include <cmath>

namespace sluice::config {

namespace {

/// Counts UTF-8 characters: all bytes of a character except the first begin
/// with the bits 10.
int64_t characters_of(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](unsigned char byte) {
    return (byte & 0xC0) != 0x80;
  });
}

bool in_range(const field& spec, int64_t number) {
  return (!spec.min || number >= *spec.min)
         && (!spec.max || number <= *spec.max);
}

bool is_choice(const field& spec, const std::string& text) {
  return std::find(spec.choices.begin(), spec.choices.end(), text)
         != spec.choices.end();
}

scalar_result read_integer(const field& spec, const std::string& text) {
  if (is_choice(spec, text))
    return value{text};
  auto number = read_number<int64_t>(text);
  if (!number || !in_range(spec, *number))
    return refusal{};
  return value{*number};
}

scalar_result read_decimal(const field& spec, const std::string& text) {
  auto number = read_number<double>(text);
  if (!number || !std::isfinite(*number)
      || (spec.min && *number < static_cast<double>(*spec.min))
      || (spec.max && *number > static_cast<double>(*spec.max)))
    return refusal{};
  return value{*number};
}

scalar_result read_duration(const field& spec, const std::string& text) {
  auto time = parse_duration(text);
  if (!time || !in_range(spec, time->count()))
    return refusal{};
  return value{*time};
}

scalar_result read_size(const field& spec, const std::string& text) {
  auto bytes = parse_size(text);
  if (!bytes || !in_range(spec, static_cast<int64_t>(*bytes)))
    return refusal{};
  return value{static_cast<int64_t>(*bytes)};
}

scalar_result read_boolean(const std::string& text) {
  if (text != "true" && text != "false")
    return refusal{};
  return value{text == "true"};
}

} // namespace

std::string text_defect(const field& spec, std::string_view text) {
  auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  if (std::any_of(text.begin(), text.end(), is_control))
    return "it contains a line break or control character";
  auto length = characters_of(text);
  if (length > spec.max.value_or(longest_text))
    return "it is longer than "
           + std::to_string(spec.max.value_or(longest_text)) + " characters";
  if (length < spec.min.value_or(1))
    return length == 0 ? "it is empty"
                       : "it is shorter than " + std::to_string(*spec.min)
                           + " characters";
  return {};
}

scalar_result read_scalar(const field& spec, const std::string& text) {
  switch (spec.kind) {
    case field_kind::boolean:
      return read_boolean(text);
    case field_kind::integer:
      return read_integer(spec, text);
    case field_kind::number:
      return read_decimal(spec, text);
    case field_kind::duration:
      return read_duration(spec, text);
    case field_kind::size:
      return read_size(spec, text);
    case field_kind::choice:
      if (!is_choice(spec, text))
        return refusal{};
      return value{text};
    default:
      if (auto reason = text_defect(spec, text); !reason.empty())
        return refusal{std::move(reason)};
      return value{text};
  }
}

} // namespace sluice::config

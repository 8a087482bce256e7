// Options that take a number. The parser's own conversion reads 0100 as octal
// and 0x1F as hexadecimal, and wraps -1. Here, numbers are written as in a
// config.

#pragma once

#include "core/base/ascii.hpp"
#include "core/base/error.hpp"

#include <CLI/CLI.hpp>

#include <cmath>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <type_traits>

namespace sluice::cli {

/// The numbers that an option accepts, both ends included. --help and the
/// manual show them.
struct number_range {
  double least;
  double most;
};

/// "from 1 to 16".
[[nodiscard]] inline std::string words_of(const number_range& range) {
  std::ostringstream words;
  words.precision(12);
  words << "from " << range.least << " to " << range.most;
  return words.str();
}

/// The error for text that is not a `T` or is out of range.
template <class T>
[[nodiscard]] std::string
number_wanted(const std::optional<number_range>& range) {
  using limits = std::numeric_limits<T>;
  if (range)
    return "write a number " + words_of(*range);
  if (std::is_floating_point_v<T>)
    return "write a number";
  return "write a whole number from " + std::to_string(limits::min()) + " to "
         + std::to_string(limits::max());
}

/// Adds an option for one number of `value`'s type, written in decimal digits.
/// Refuses what the type cannot hold or `range` excludes.
template <class T>
CLI::Option*
add_number(CLI::App& to, const std::string& name, T& value,
           const std::string& help, std::optional<number_range> range = {}) {
  auto read = [range](std::string& text) -> std::string {
    auto number = read_number<T>(text);
    auto as_double = number ? static_cast<double>(*number) : 0;
    if (!number || !std::isfinite(as_double)
        || (range && (as_double < range->least || as_double > range->most)))
      return number_wanted<T>(range) + ", not " + printable(text, 60);
    // From here on, the parser sees plain decimal digits.
    if constexpr (!std::is_floating_point_v<T>)
      text = std::to_string(*number);
    return {};
  };
  return to.add_option(name, value, help)
    ->transform(CLI::Validator{read, range ? words_of(*range) : ""});
}

} // namespace sluice::cli

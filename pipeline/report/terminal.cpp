#include "pipeline/report/terminal.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace sluice {

namespace {

constexpr std::string_view separator = ", ";
constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view yellow = "\x1b[33m";
constexpr std::string_view plain = "\x1b[0m";

bool starts_character(char byte) {
  return (byte & 0xC0) != 0x80;
}

/// Every character of a line takes one column.
size_t width_of(std::string_view text) {
  return static_cast<size_t>(
    std::count_if(text.begin(), text.end(), starts_character));
}

/// The first `columns` characters.
std::string_view head(std::string_view text, size_t columns) {
  for (size_t i = 0; i < text.size(); ++i)
    if (starts_character(text[i]) && columns-- == 0)
      return text.substr(0, i);
  return text;
}

/// Takes the next part, without its separator, off the front of `rest`.
std::string_view take_part(std::string_view& rest) {
  auto part = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(rest.size(), part.size() + separator.size()));
  return part;
}

void put_coloured(std::string& out, std::string_view part,
                  std::string_view colour) {
  if (colour.empty())
    out.append(part);
  else
    out.append(colour).append(part).append(plain);
}

} // namespace

output_style style_for(verbosity wanted, bool is_terminal, const char* term,
                       const char* no_color) {
  output_style style;
  style.progress = wanted != verbosity::quiet;
  auto can_move = is_terminal && term != nullptr && *term != '\0'
                  && term != std::string{"dumb"};
  style.live = can_move && wanted == verbosity::normal;
  style.coloured = style.live && (no_color == nullptr || *no_color == '\0');
  return style;
}

output_style output_style_for(verbosity wanted) {
  return style_for(wanted, ::isatty(STDERR_FILENO) == 1, std::getenv("TERM"),
                   std::getenv("NO_COLOR"));
}

std::string fit_line(std::string_view line, size_t columns, bool coloured) {
  auto first = head(take_part(line), columns);
  std::string out;
  put_coloured(out, first, coloured ? bold : "");
  auto used = width_of(first);
  while (!line.empty()) {
    auto part = take_part(line);
    used += separator.size() + width_of(part);
    if (used > columns)
      break;
    out += separator;
    put_coloured(out, part, coloured && part.ends_with("429") ? yellow : "");
  }
  return out;
}

} // namespace sluice

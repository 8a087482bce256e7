#include "actors/sinks/position.hpp"

#include "core/base/ascii.hpp"

namespace sluice {

namespace {

constexpr std::string_view version = "v1";

/// Reads one "name=number"; false if it is malformed or repeats a name.
bool read_entry(std::string_view word, position_numbers& numbers) {
  auto equals = word.find('=');
  if (equals == 0 || equals == std::string_view::npos)
    return false;
  auto digits = word.substr(equals + 1);
  auto number = read_number<uint64_t>(digits);
  return number && numbers.emplace(word.substr(0, equals), *number).second;
}

bool read_all(std::string_view text, position_numbers& numbers) {
  if (!text.starts_with(version))
    return false;
  text.remove_prefix(version.size());
  while (!text.empty()) {
    if (text.front() != ' ')
      return false;
    text.remove_prefix(1);
    auto word = text.substr(0, text.find(' '));
    if (!read_entry(word, numbers))
      return false;
    text.remove_prefix(word.size());
  }
  return true;
}

} // namespace

sink_position write_position(const position_numbers& numbers) {
  sink_position text{version};
  for (const auto& [name, number] : numbers)
    text += " " + name + "=" + std::to_string(number);
  return text;
}

caf::expected<position_numbers>
read_position(const sink_position& text, std::string_view name,
              std::initializer_list<std::string_view> required) {
  position_numbers numbers;
  auto good = read_all(text, numbers);
  for (auto key : required)
    good = good && numbers.find(key) != numbers.end();
  if (!good)
    return make_error(ec::ledger_unusable,
                      "The ledger's position of sink '" + printable(name)
                        + "' is not valid: '" + printable(text)
                        + "'. It is damaged or from another version: restore "
                          "a copy of the ledger, or begin a new job.");
  return numbers;
}

std::optional<file_extent> extent_in(const position_numbers& numbers) {
  auto base = numbers.find("base");
  auto length = numbers.find("length");
  if (base == numbers.end() || length == numbers.end())
    return std::nullopt;
  return file_extent{base->second, length->second, number_in(numbers, "tail")};
}

void put_extent(position_numbers& numbers, const file_extent& extent) {
  numbers["base"] = extent.base;
  numbers["length"] = extent.length;
  if (extent.tail != 0)
    numbers["tail"] = extent.tail;
}

void remove_extent(position_numbers& numbers) {
  for (auto name : {"base", "length", "tail"})
    numbers.erase(name);
}

uint64_t number_in(const position_numbers& numbers, std::string_view name) {
  auto found = numbers.find(name);
  return found == numbers.end() ? 0 : found->second;
}

uint64_t given_up_in(const sink_position& text) {
  position_numbers numbers;
  return read_all(text, numbers) ? number_in(numbers, given_up_entry) : 0;
}

bool has_content_by(const sink_position& text) {
  position_numbers numbers;
  auto extent = read_all(text, numbers) ? extent_in(numbers) : std::nullopt;
  return extent && extent->length > extent->base;
}

} // namespace sluice

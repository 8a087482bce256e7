#include "actors/sinks/position.hpp"

#include "core/ascii.hpp"

namespace sluice {

namespace {

constexpr std::string_view version = "v1";

/// One "name=number"; false when it is none, or a name twice.
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
                        + "' cannot be understood: '" + printable(text)
                        + "'. It is damaged or from another version; start "
                          "the job anew.");
  return numbers;
}

} // namespace sluice

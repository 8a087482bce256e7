#include "pipeline/cli/command_tree.hpp"

#include <algorithm>
#include <string_view>

namespace sluice::cli {

namespace {

/// The words of "{a,b}" in `type`; empty if there are no braces.
std::vector<std::string> words_in_braces(std::string_view type) {
  std::vector<std::string> words;
  auto begin = type.find('{');
  auto end = type.rfind('}');
  if (begin == std::string_view::npos || end == std::string_view::npos)
    return words;
  auto list = type.substr(begin + 1, end - begin - 1);
  while (!list.empty()) {
    auto word = list.substr(0, list.find(','));
    words.emplace_back(word);
    list.remove_prefix(std::min(list.size(), word.size() + 1));
  }
  return words;
}

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string out;
  for (auto& word : words)
    out += (out.empty() ? "" : between) + word;
  return out;
}

/// The parser's type is the value's name followed by its check: "FLOAT:FLOAT in
/// …".
std::string
value_of(const std::string& type, const std::vector<std::string>& choices) {
  if (!choices.empty())
    return joined(choices, "|");
  auto name = type.substr(0, type.find(':'));
  return name.empty() && !type.empty() ? type.substr(1) : name;
}

/// The range that add_number set: "from 1 to 16" in "FLOAT:from 1 to 16".
std::string range_of(const std::string& type) {
  auto mark = type.find(":from ");
  return mark == std::string::npos ? "" : type.substr(mark + 1);
}

option_spec describe_option(const CLI::Option& option) {
  option_spec spec;
  spec.positional = option.get_positional();
  if (spec.positional)
    spec.names.push_back(option.get_name(true));
  for (auto& name : option.get_snames())
    spec.names.push_back("-" + name);
  for (auto& name : option.get_lnames())
    spec.names.push_back("--" + name);
  if (option.get_type_size() != 0) {
    auto type = option.get_type_name();
    spec.choices = words_in_braces(type);
    spec.value = value_of(type, spec.choices);
    spec.range = range_of(type);
    spec.is_file = spec.value == "FILE";
    spec.is_config_key = spec.value == "KEY=VALUE";
    spec.default_value = option.get_default_str();
  }
  spec.required = option.get_required();
  spec.repeated =
    option.get_expected_max() == CLI::detail::expected_max_vector_size;
  spec.help = option.get_description();
  return spec;
}

void add_options(command_spec& out, const CLI::App& app,
                 const std::string& group) {
  for (auto* option : app.get_options()) {
    // A group repeats the help option of its command.
    if (option == app.get_help_ptr() && !group.empty())
      continue;
    out.options.push_back(describe_option(*option));
    out.options.back().group = group;
  }
  for (auto* child : app.get_subcommands([](const CLI::App*) { return true; }))
    if (child->get_name().empty())
      add_options(out, *child, child->get_group());
}

} // namespace

command_spec describe(const CLI::App& app) {
  command_spec out;
  out.name = app.get_name();
  out.help = app.get_description();
  out.notes = app.get_footer();
  add_options(out, app, "");
  for (auto* child : app.get_subcommands([](const CLI::App*) { return true; }))
    if (!child->get_name().empty())
      out.commands.push_back(describe(*child));
  return out;
}

std::string positionals_of(const command_spec& command) {
  std::string out;
  for (auto& option : command.options) {
    if (!option.positional)
      continue;
    auto word = option.names.front() + (option.repeated ? "..." : "");
    out += " " + (option.required ? word : "[" + word + "]");
  }
  return out;
}

std::string label_of(const option_spec& option) {
  auto label = joined(option.names, ", ");
  auto shown =
    !option.value.empty() && (!option.positional || !option.choices.empty());
  return shown ? label + " " + option.value : label;
}

std::string sentences_of(const option_spec& option) {
  auto text = option.help;
  if (!text.empty() && text.back() != '.')
    text += ".";
  if (!option.range.empty())
    text += " A number " + option.range + ".";
  if (!option.default_value.empty())
    text +=
      (text.empty() ? "Default: " : " Default: ") + option.default_value + ".";
  return text;
}

} // namespace sluice::cli

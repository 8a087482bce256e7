#include "pipeline/cli/completion_text.hpp"

namespace sluice::cli {

namespace {

/// Within single quotes fish knows two escapes.
std::string fish_quoted(const std::string& text) {
  std::string out = "'";
  for (auto c : text) {
    if (c == '\'' || c == '\\')
      out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out + "'";
}

std::string name_words(const option_spec& option) {
  std::string out;
  for (auto& name : option.names)
    out += name.starts_with("--") ? " -l " + name.substr(2)
                                  : " -s " + name.substr(1);
  return out;
}

std::string option_line(const std::string& when, const option_spec& option) {
  auto line = "complete -c sluice" + when;
  if (!option.positional)
    line += name_words(option);
  if (option.positional && option.choices.empty() && !option.is_file)
    return "";
  if (option.is_file)
    line += option.positional ? " -F" : " -r -F";
  else if (!option.positional && !option.value.empty())
    line += " -x";
  if (option.is_config_key)
    line += " -a \"$sluice_keys\"";
  else if (!option.choices.empty())
    line += " -a " + fish_quoted(joined_by_spaces(option.choices));
  if (!option.help.empty())
    line += " -d " + fish_quoted(option.help);
  return line + "\n";
}

} // namespace

std::string fish_completion(const command_spec& program,
                            const std::vector<settable_key>& keys) {
  std::string out = "# fish completion; made by `sluice completion fish`\n"
                    "set -l sluice_keys "
                    + fish_quoted(key_words(keys))
                    + "\n"
                      "complete -c sluice -f\n";
  const std::string first = " -n __fish_use_subcommand";
  for (auto& option : program.options)
    out += option_line(first, option);
  for (auto& command : program.commands)
    out += "complete -c sluice" + first + " -a " + command.name + " -d "
           + fish_quoted(command.help) + "\n";
  for (auto& command : program.commands) {
    auto when = " -n " + quoted("__fish_seen_subcommand_from " + command.name);
    for (auto& option : command.options)
      out += option_line(when, option);
  }
  return out;
}

} // namespace sluice::cli

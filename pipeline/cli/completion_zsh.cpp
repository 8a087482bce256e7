#include "pipeline/cli/completion_text.hpp"

namespace sluice::cli {

namespace {

/// With what has a meaning in a spec of _arguments and _describe made plain.
std::string escaped(const std::string& text) {
  std::string out;
  for (auto c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\')
      out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

/// The part of a spec that says what a value can be.
std::string action(const option_spec& option) {
  if (option.is_config_key)
    return "($keys)";
  if (!option.choices.empty())
    return "(" + joined_by_spaces(option.choices) + ")";
  return option.is_file ? "_files" : "";
}

std::string option_lines(const option_spec& option) {
  std::string out;
  auto rest = "[" + escaped(option.help) + "]";
  if (!option.value.empty())
    rest += ":" + escaped(option.choices.empty() ? option.value : "value") + ":"
            + action(option);
  for (auto& name : option.names) {
    // One of several names rules the others out.
    auto others =
      option.repeated ? "*" : "(" + joined_by_spaces(option.names) + ")";
    out += " \\\n        " + quoted(others + name + rest);
  }
  return out;
}

std::string positional_line(const option_spec& option) {
  return " \\\n        "
         + quoted((option.repeated ? "*:" : ":") + escaped(option.names.front())
                  + ":" + action(option));
}

/// Each key with its "=" as a word that the shell does not look into.
std::string key_words_quoted(const std::vector<settable_key>& keys) {
  std::vector<std::string> words;
  for (auto& key : keys)
    words.push_back(quoted(key.path + "="));
  return joined_by_spaces(words);
}

std::string arguments(const command_spec& command) {
  std::string out;
  for (auto& option : command.options)
    out += option.positional ? positional_line(option) : option_lines(option);
  return out;
}

} // namespace

std::string zsh_completion(const command_spec& program,
                           const std::vector<settable_key>& keys) {
  std::string out = "#compdef sluice\n"
                    "# zsh completion; made by `sluice completion zsh`\n"
                    "_sluice() {\n"
                    "  local curcontext=$curcontext state line\n"
                    "  local -a keys commands\n"
                    "  keys=("
                    + key_words_quoted(keys)
                    + ")\n"
                      "  commands=(\n";
  for (auto& command : program.commands)
    out += "    " + quoted(command.name + ":" + escaped(command.help)) + "\n";
  out += "  )\n  _arguments -C" + arguments(program)
         + " \\\n        '1:command:->command' '*::argument:->argument'\n"
           "  case $state in\n"
           "    command) _describe -t commands command commands ;;\n"
           "    argument)\n"
           "      case $words[1] in\n";
  for (auto& command : program.commands)
    out +=
      "      " + command.name + ") _arguments" + arguments(command) + " ;;\n";
  return out
         + "      esac\n"
           "      ;;\n"
           "  esac\n"
           "}\n"
           "if [[ $funcstack[1] == _sluice ]]; then\n"
           "  _sluice \"$@\"\n"
           "else\n"
           "  compdef _sluice sluice\n"
           "fi\n";
}

} // namespace sluice::cli

#include "pipeline/cli/manual_text.hpp"

namespace sluice::cli {

namespace {

/// What surrounds a label must not be taken for Markdown.
std::string escaped(const std::string& text) {
  std::string out;
  for (auto c : text) {
    if (c == '*' || c == '<' || c == '_')
      out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string options(const command_spec& command) {
  std::string out;
  std::string group;
  for (auto& option : command.options) {
    if (option.group != group)
      out += "\n" + escaped(option.group) + ":\n\n";
    group = option.group;
    out += "- **`" + label_of(option) + "`**"
           + (option.required ? " (required)" : "") + ": "
           + escaped(sentences_of(option)) + "\n";
  }
  return out;
}

std::string notes(const std::string& text) {
  return text.empty() ? "" : "\n```text\n" + text + "\n```\n";
}

} // namespace

std::string cli_reference(const command_spec& program) {
  auto out = "# Command line reference\n\n"
             "Generated from the commands' own descriptions; do not edit.\n\n"
             + escaped(program.help) + "\n\n" + "    " + program.name
             + " [OPTIONS] COMMAND [ARGUMENTS]\n\n" + options(program)
             + notes(program.notes);
  for (auto& command : program.commands)
    out += "\n## `" + program.name + " " + command.name + "`\n\n"
           + escaped(command.help) + ".\n\n    " + program.name + " "
           + command.name + " [OPTIONS]" + positionals_of(command) + "\n\n"
           + options(command) + notes(command.notes);
  return out;
}

} // namespace sluice::cli

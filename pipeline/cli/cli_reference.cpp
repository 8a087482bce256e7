#include "core/base/markdown.hpp"
#include "pipeline/cli/manual_text.hpp"

namespace sluice::cli {

namespace {

std::string option_list(const command_spec& command) {
  std::string out;
  std::string group;
  for (auto& option : command.options) {
    if (option.group != group)
      out += "\n" + markdown_text(option.group) + ":\n\n";
    group = option.group;
    out += "- **`" + label_of(option) + "`**"
           + (option.required ? " (required)" : "") + ": "
           + markdown_text(sentences_of(option)) + "\n";
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
             + markdown_text(program.help) + "\n\n" + "    " + program.name
             + " [OPTIONS] COMMAND [ARGUMENTS]\n\n" + option_list(program)
             + notes(program.notes);
  for (auto& command : program.commands)
    out += "\n## `" + program.name + " " + command.name + "`\n\n"
           + markdown_text(command.help) + ".\n\n    " + program.name + " "
           + command.name + " [OPTIONS]" + positionals_of(command) + "\n\n"
           + option_list(command) + notes(command.notes);
  return out;
}

} // namespace sluice::cli

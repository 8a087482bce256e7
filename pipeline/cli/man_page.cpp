#include "config/check.hpp"
#include "pipeline/cli/manual_text.hpp"

#include <algorithm>
#include <sstream>

namespace sluice::cli {

namespace {

/// Escapes what roff would take for markup, and joins lines into one paragraph.
std::string text(const std::string& words) {
  std::string out;
  for (auto c : words) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c == '\n' ? ' ' : c;
  }
  return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

/// Keeps the lines as they are.
std::string verbatim(const std::string& words) {
  std::string out = ".PP\n.nf\n";
  std::istringstream lines{words};
  for (std::string line; std::getline(lines, line);)
    out += text(line) + "\n";
  return out + ".fi\n";
}

std::string title(const std::string& name, const char* section) {
  std::string upper = name;
  std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  return ".TH \"" + text(upper) + "\" " + section
         + " \"\" \"sluice " SLUICE_VERSION "\" \"sluice manual\"\n";
}

/// Allows a line break after each choice.
std::string choices(const std::string& label) {
  std::string out;
  for (auto c : text(label))
    out += c == '|' ? std::string{"|\\:"} : std::string{c};
  return out;
}

std::string entry(const std::string& label, const std::string& words) {
  return ".TP\n\\fB" + choices(label) + "\\fR\n" + text(words) + "\n";
}

/// Positionals first, then the options under their headings.
std::string option_entries(const command_spec& command) {
  std::string out;
  for (auto& option : command.options)
    if (option.positional)
      out += entry(label_of(option), sentences_of(option));
  std::string group;
  for (auto& option : command.options) {
    if (option.positional)
      continue;
    if (option.group != group)
      out += ".PP\n" + text(option.group) + ":\n";
    group = option.group;
    out += entry(label_of(option), sentences_of(option));
  }
  return out;
}

std::string usage(const command_spec& program, const command_spec& command) {
  return program.name + " " + command.name + " [OPTIONS]"
         + positionals_of(command);
}

} // namespace

std::string man_page(const command_spec& program) {
  auto out = title(program.name, "1");
  out += ".SH NAME\n" + program.name
         + " \\- fetch every capture of a list of URLs\n";
  out +=
    ".SH SYNOPSIS\n.B " + program.name + "\n[OPTIONS] COMMAND [ARGUMENTS]\n";
  out += ".SH DESCRIPTION\n" + text(program.help) + "\n";
  out += ".SH OPTIONS\n" + option_entries(program);
  out += ".SH COMMANDS\n";
  for (auto& command : program.commands)
    out += ".SS \"" + text(usage(program, command)) + "\"\n"
           + text(command.help) + ".\n" + option_entries(command)
           + verbatim(command.notes);
  out += ".SH \"WHERE TO START\"\n" + verbatim(program.notes);
  return out + ".SH \"SEE ALSO\"\n.BR sluice\\-config (5)\n";
}

std::string man_page(const command_spec& program, const command_spec& command) {
  auto name = program.name + "-" + command.name;
  return title(name, "1") + ".SH NAME\n" + text(name) + " \\- "
         + text(command.help) + "\n.SH SYNOPSIS\n"
         + text(usage(program, command)) + "\n.SH OPTIONS\n"
         + option_entries(command) + ".SH NOTES\n" + verbatim(command.notes)
         + ".SH \"SEE ALSO\"\n.BR sluice (1)\n";
}

std::string config_man_page(std::span<const config::listed_key> keys) {
  auto out = title("sluice-config", "5")
             + ".SH NAME\nsluice\\-config \\- the config file of a job\n"
               ".SH DESCRIPTION\n"
             + text("The config file is YAML. `sluice init` writes a commented "
                    "one, and `sluice check` validates it.")
             + "\n.SH KEYS\n";
  std::string of;
  for (auto& key : keys) {
    if (key.of != of)
      out += key.of.empty() ? ".SS \"other keys\"\n"
                            : ".SS \"a sink of type " + text(key.of) + "\"\n";
    of = key.of;
    auto words = key.spec.help + " Write " + config::wanted(key.spec) + ".";
    if (!key.spec.default_value.empty())
      words += " Default: " + key.spec.default_value + ".";
    out += entry(key.path, words);
  }
  return out + ".SH \"SEE ALSO\"\n.BR sluice (1)\n";
}

} // namespace sluice::cli

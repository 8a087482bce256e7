// The command line as data, read from the parser's own declarations: what
// completions, manual pages and the manual's reference are made of, so that
// no command or option is described twice.

#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace sluice::cli {

struct option_spec {
  std::vector<std::string> names; ///< `-q`, `--quiet`; a positional's own name
  bool positional = false;
  std::string value; ///< what it takes, `COUNT` or `json|text`; empty: a flag
  std::vector<std::string> choices; ///< all the values, when they are words
  std::string range;                ///< "from 1 to 16"; empty: any
  bool is_file = false;             ///< takes the name of a file
  bool is_config_key = false;       ///< takes a config key and its value
  bool required = false;
  bool repeated = false;
  std::string default_value;
  std::string help;
  std::string group; ///< the heading it stands under; empty: none
};

struct command_spec {
  std::string name;
  std::string help;
  std::string notes; ///< what `--help` prints below the options
  std::vector<option_spec> options;
  std::vector<command_spec> commands;
};

/// `app` and everything below it. Option groups count as their command's own.
[[nodiscard]] command_spec describe(const CLI::App& app);

/// `CONFIG [DECISION...]`: what follows the options on a command line.
[[nodiscard]] std::string positionals_of(const command_spec& command);

/// "-q, --quiet", with what it takes: "--speed FLOAT".
[[nodiscard]] std::string label_of(const option_spec& option);

/// Help, and the default where there is one, as sentences.
[[nodiscard]] std::string sentences_of(const option_spec& option);

} // namespace sluice::cli

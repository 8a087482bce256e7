// The command line as data, read from the parser's own declarations.
// Completions, manual pages and the manual's reference are generated from it,
// so no command or option is described twice.

#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace sluice::cli {

struct option_spec {
  std::vector<std::string> names; ///< `-q`, `--quiet`; a positional's own name
  bool positional = false;
  std::string value; ///< what it takes: `COUNT` or `json|text`; empty: a flag
  std::vector<std::string> choices; ///< all values, if they are words
  std::string range;                ///< "from 1 to 16"; empty: any
  bool is_file = false;             ///< takes a file name
  bool is_config_key = false;       ///< takes a config key and its value
  bool required = false;
  bool repeated = false;
  std::string default_value;
  std::string help;
  std::string group; ///< the heading it is listed under; empty: none
};

struct command_spec {
  std::string name;
  std::string help;
  std::string notes; ///< what `--help` prints below the options
  std::vector<option_spec> options;
  std::vector<command_spec> commands;
};

/// `app` and everything below it. The options of a group count as the
/// command's.
[[nodiscard]] command_spec describe(const CLI::App& app);

/// `CONFIG [DECISION...]`: the positionals, which follow the options.
[[nodiscard]] std::string positionals_of(const command_spec& command);

/// The names and the value: "-q, --quiet", "--speed FLOAT".
[[nodiscard]] std::string label_of(const option_spec& option);

/// The help text, range and default, as sentences.
[[nodiscard]] std::string sentences_of(const option_spec& option);

} // namespace sluice::cli

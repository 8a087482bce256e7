// Shell completions generated from the command line's description: commands,
// options, the words an option accepts, file names, and the keys that --set
// accepts.

#pragma once

#include "pipeline/cli/command_tree.hpp"

#include <string>
#include <vector>

namespace sluice::cli {

/// A config key that --set can override.
struct settable_key {
  std::string path;
  std::vector<std::string> values; ///< all values, if they are words
};

[[nodiscard]] std::string
bash_completion(const command_spec& program,
                const std::vector<settable_key>& keys);
[[nodiscard]] std::string zsh_completion(const command_spec& program,
                                         const std::vector<settable_key>& keys);
[[nodiscard]] std::string
fish_completion(const command_spec& program,
                const std::vector<settable_key>& keys);

/// `text` as one shell word, in single quotes.
[[nodiscard]] std::string quoted(const std::string& text);

[[nodiscard]] std::string
joined_by_spaces(const std::vector<std::string>& words);

/// Every key with its "=", separated by spaces.
[[nodiscard]] std::string key_words(const std::vector<settable_key>& keys);

} // namespace sluice::cli

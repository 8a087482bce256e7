// Shell completions made from the command line's description: commands,
// options, words where an option takes one of some, file names, and the keys
// that --set takes.

#pragma once

#include "pipeline/cli/command_tree.hpp"

#include <string>
#include <vector>

namespace sluice::cli {

/// `keys` are the config keys that --set can override.
[[nodiscard]] std::string bash_completion(const command_spec& program,
                                          const std::vector<std::string>& keys);
[[nodiscard]] std::string zsh_completion(const command_spec& program,
                                         const std::vector<std::string>& keys);
[[nodiscard]] std::string fish_completion(const command_spec& program,
                                          const std::vector<std::string>& keys);

/// `text` as one word of a shell, within single quotes.
[[nodiscard]] std::string quoted(const std::string& text);

[[nodiscard]] std::string
joined_by_spaces(const std::vector<std::string>& words);

/// Every key with its "=", separated by spaces.
[[nodiscard]] std::string key_words(const std::vector<std::string>& keys);

} // namespace sluice::cli

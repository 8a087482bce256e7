// The command line as man pages and as the manual's reference, generated from
// the same description as --help.

#pragma once

#include "config/key_list.hpp"
#include "pipeline/cli/command_tree.hpp"

#include <span>
#include <string>

namespace sluice::cli {

/// sluice(1): every command with its options.
[[nodiscard]] std::string man_page(const command_spec& program);

/// sluice-COMMAND(1).
[[nodiscard]] std::string
man_page(const command_spec& program, const command_spec& command);

/// sluice-config(5): every key of the config file.
[[nodiscard]] std::string
config_man_page(std::span<const config::listed_key> keys);

/// docs/cli.md.
[[nodiscard]] std::string cli_reference(const command_spec& program);

} // namespace sluice::cli

// The command line: one file per command. A command adds itself to the parser
// and stores its exit code in `exit_code` when it is called. Commands start a
// job through pipeline/: this room must not include actors/, only
// actors/sinks/.

#pragma once

#include "config/load.hpp"
#include "config/settings.hpp"
#include "core/base/error.hpp"
#include "core/base/log.hpp"

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <iostream>
#include <optional>
#include <string>
#include <vector>

namespace sluice::cli {

void add_run(CLI::App& app, int& exit_code);
void add_check(CLI::App& app, int& exit_code);
void add_plan(CLI::App& app, int& exit_code);
void add_status(CLI::App& app, int& exit_code);
void add_why(CLI::App& app, int& exit_code);
void add_resolve(CLI::App& app, int& exit_code);
void add_relocate(CLI::App& app, int& exit_code);
void add_load(CLI::App& app, int& exit_code);
void add_backup(CLI::App& app, int& exit_code);
void add_ledgers(CLI::App& app, int& exit_code);
void add_serve(CLI::App& app, int& exit_code);
void add_simulate(CLI::App& app, int& exit_code);
void add_schema(CLI::App& app, int& exit_code);
void add_init(CLI::App& app, int& exit_code);
void add_profiles(CLI::App& app, int& exit_code);
void add_completion(CLI::App& app, int& exit_code);
void add_man(CLI::App& app, int& exit_code);

/// All commands, in the order of `sluice --help`.
inline constexpr decltype(&add_run) commands[] = {
  add_run,        add_check,    add_plan,   add_status, add_why,
  add_resolve,    add_relocate, add_load,   add_backup, add_ledgers,
  add_serve,      add_simulate, add_schema, add_init,   add_profiles,
  add_completion, add_man};

/// Prints why a command failed; returns its exit code.
inline int fail(const caf::error& reason) {
  std::cerr << "sluice: " << what_of(reason) << '\n';
  return exit_code_of(reason);
}

/// `configure_log` in the format that the config asks for.
inline void
configure_log_as(const log_settings& log, log_level least, bool coloured) {
  auto json = log.as == log_settings::format::json
              || (log.as == log_settings::format::automatic
                  && ::isatty(STDERR_FILENO) != 1);
  configure_log(least, json, coloured);
}

/// Prints the findings about a config, one per line; true if there were any.
inline bool print_findings(const std::vector<config::finding>& findings) {
  for (auto& finding : findings)
    std::cerr << finding.text() << '\n';
  return !findings.empty();
}

/// Arguments common to all commands that work on a config file.
struct config_arguments {
  std::string file;
  std::vector<std::string> overrides;

  void add_to(CLI::App& command);

  /// The settings, or nullopt after printing all findings to standard error.
  [[nodiscard]] std::optional<settings>
  load(config::key_rule key = config::key_rule::needed) const;

  /// Like `load`, for a command that plans, starts or rehearses the job: also
  /// refuses keys that name the same file.
  [[nodiscard]] std::optional<settings>
  load_to_start(bool rehearsed = false) const;

  /// Makes the commands printed from now on act on this job: they repeat the
  /// overrides, and name the ledger if its path depends on the environment.
  /// `load` calls it.
  void name_job_of(const settings& config) const;
};

} // namespace sluice::cli

#include "actors/sinks/registry.hpp"
#include "config/file_conflicts.hpp"
#include "pipeline/cli/command.hpp"
#include "pipeline/interrupts.hpp"
#include "pipeline/outlook.hpp"

#include <iostream>
#include <memory>

namespace sluice::cli {

namespace {

/// What the keys say together, and what only the sinks themselves can say of
/// their sections.
int check_whole(const settings& config) {
  config::finding_list findings;
  findings.add(config::file_conflicts(config));
  for (auto& sink : config.sinks) {
    auto* type = find_sink_type(sink.type);
    if (type == nullptr || !type->check)
      continue;
    if (auto err = type->check(sink_context{{}, sink.name}, sink.fields))
      findings.add(sink.at, what_of(err));
  }
  return print_findings(findings.take()) ? 1 : 0;
}

} // namespace

void add_check(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
    "check", "Validate a config file: prints every error, not only the first");
  auto arguments = std::make_shared<config_arguments>();
  arguments->add_to(*command);
  command->footer(
    "Sends nothing, resolves no secret. Also finds keys that name the same\n"
    "file, such as a sink and a list. Says what `run` would do: begin, go on\n"
    "or refuse, for which a list is read if its name, size or time is not as\n"
    "the job remembers it. The exit code is about the config alone.\n\n"
    "Example:\n  sluice check job.yaml");
  command->callback([=, &exit_code] {
    auto config = arguments->load();
    catch_interrupts();
    exit_code = config ? check_whole(*config) : 1;
    if (exit_code == 0)
      std::cout << arguments->file << ": ok\n" << outlook_text(*config);
  });
}

} // namespace sluice::cli

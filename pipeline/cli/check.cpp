#include "actors/sinks/registry.hpp"
#include "config/file_conflicts.hpp"
#include "pipeline/cli/command.hpp"

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
  auto found = findings.take();
  for (auto& finding : found)
    std::cerr << finding.text() << '\n';
  return found.empty() ? 0 : 1;
}

} // namespace

void add_check(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
    "check", "Validate a config file: prints every error, not only the first");
  auto arguments = std::make_shared<config_arguments>();
  arguments->add_to(*command);
  command->footer(
    "Reads no list, sends nothing, resolves no secret. Also finds\n"
    "files that must not be one, such as a sink on a list.\n\n"
    "Example:\n  sluice check job.yaml");
  command->callback([=, &exit_code] {
    auto config = arguments->load();
    exit_code = config ? check_whole(*config) : 1;
    if (exit_code == 0)
      std::cout << arguments->file << ": ok\n";
  });
}

} // namespace sluice::cli

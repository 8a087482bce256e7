#include "actors/sinks/registry.hpp"
#include "config/load.hpp"
#include "pipeline/cli/command.hpp"

#include <iostream>

namespace sluice::cli {

void add_schema(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
    "schema", "Print the JSON Schema of config files, for editors");
  command->footer("Example:\n  sluice schema > sluice.schema.json");
  command->callback([&exit_code] {
    auto specs = sink_specs();
    std::cout << config::json_schema(specs) << '\n';
    exit_code = 0;
  });
}

} // namespace sluice::cli

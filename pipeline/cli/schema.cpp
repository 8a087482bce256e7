#include "actors/sinks/registry.hpp"
#include "config/load.hpp"
#include "pipeline/cli/command.hpp"

#include <iostream>
#include <memory>

namespace sluice::cli {

void add_schema(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
    "schema", "Print the JSON Schema of config files, for editors");
  auto format = std::make_shared<std::string>("json");
  command
    ->add_option("--format", *format,
                 "json: the schema; markdown: the reference page for people")
    ->check(CLI::IsMember({"json", "markdown"}))
    ->capture_default_str();
  command->footer("Example:\n  sluice schema > sluice.schema.json");
  command->callback([=, &exit_code] {
    auto specs = sink_specs();
    if (*format == "json")
      std::cout << config::json_schema(specs) << '\n';
    else
      std::cout << config::reference_page(specs);
    exit_code = 0;
  });
}

} // namespace sluice::cli

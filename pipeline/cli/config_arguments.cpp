#include "actors/sinks/registry.hpp"
#include "core/job_command.hpp"
#include "pipeline/cli/command.hpp"

#include <iostream>

namespace sluice::cli {

void config_arguments::add_to(CLI::App& command) {
  command.add_option("CONFIG", file, "The job's config file (YAML or JSON)")
    ->type_name("FILE")
    ->required();
  command
    .add_option("--set", overrides,
                "Override a key, e.g. --set runs.max_concurrent=2 or "
                "--set sinks[0].path=out.jsonl; secrets cannot be set")
    ->type_name("KEY=VALUE")
    ->allow_extra_args(false);
}

std::optional<settings> config_arguments::load(config::key_rule key) const {
  name_job(file, overrides);
  auto specs = sink_specs();
  auto result = config::load(file, overrides, specs, key);
  for (auto& finding : result.findings)
    std::cerr << finding.text() << '\n';
  return std::move(result.value);
}

} // namespace sluice::cli

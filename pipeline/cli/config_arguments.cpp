#include "actors/sinks/registry.hpp"
#include "config/file_conflicts.hpp"
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
  auto specs = sink_specs();
  auto result = config::load(file, overrides, specs, key);
  for (auto& finding : result.findings)
    std::cerr << finding.text() << '\n';
  return std::move(result.value);
}

std::optional<settings>
config_arguments::load_to_start(config::key_rule key) const {
  auto config = load(key);
  if (!config)
    return config;
  auto conflicts = config::file_conflicts(*config);
  for (auto& finding : conflicts)
    std::cerr << finding.text() << '\n';
  return conflicts.empty() ? std::move(config) : std::nullopt;
}

} // namespace sluice::cli

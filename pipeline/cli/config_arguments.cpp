#include "actors/sinks/registry.hpp"
#include "config/file_conflicts.hpp"
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
  auto specs = sink_specs();
  auto result = config::load(file, overrides, specs, key);
  for (auto& finding : result.findings)
    std::cerr << finding.text() << '\n';
  if (result.value)
    name_job_of(*result.value);
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

void config_arguments::name_job_of(const settings& config) const {
  auto repeated = overrides;
  if (config.ledger_varies)
    repeated.push_back("ledger=" + config.ledger.string());
  name_job(file, repeated);
}

} // namespace sluice::cli

#include "actors/sinks/registry.hpp"
#include "config/file_conflicts.hpp"
#include "core/base/job_command.hpp"
#include "pipeline/cli/command.hpp"

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
  print_findings(result.findings);
  if (result.value)
    name_job_of(*result.value);
  return std::move(result.value);
}

std::optional<settings> config_arguments::load_to_start(bool rehearsed) const {
  auto config =
    load(rehearsed ? config::key_rule::optional : config::key_rule::needed);
  if (!config)
    return config;
  config->rehearsed = rehearsed;
  if (print_findings(config::file_conflicts(*config)))
    return std::nullopt;
  return config;
}

void config_arguments::name_job_of(const settings& config) const {
  auto repeated = overrides;
  if (config.ledger_varies)
    repeated.push_back("ledger=" + config.ledger.string());
  name_job(file, repeated);
}

} // namespace sluice::cli

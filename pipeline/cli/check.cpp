#include "actors/sinks/registry.hpp"
#include "config/file_conflicts.hpp"
#include "pipeline/cli/command.hpp"
#include "pipeline/interrupts.hpp"
#include "pipeline/online/online_check.hpp"
#include "pipeline/outlook.hpp"
#include "pipeline/program.hpp"

#include <cstdlib>
#include <iostream>
#include <memory>

namespace sluice::cli {

namespace {

struct check_arguments {
  config_arguments config;
  bool online = false;
};

/// Checks the keys against each other, and lets each sink type check its
/// section.
bool is_sound(const settings& config) {
  config::finding_list findings;
  findings.add(config::file_conflicts(config));
  for (auto& sink : config.sinks) {
    auto* type = find_sink_type(sink.type);
    if (type == nullptr || !type->check)
      continue;
    if (auto err = type->check(sink_context{{}, sink.name}, sink.fields))
      findings.add(sink.at, what_of(err));
  }
  if (config.notify)
    if (auto found = find_program(config.notify->command.front()); !found)
      findings.add(config.notify->at,
                   "notify.command: " + what_of(found.error())
                     + ". Write its path or install it");
  return !print_findings(findings.take());
}

/// The exit code; does not return if a probe still hangs.
int check(const check_arguments& arguments) {
  auto config = arguments.config.load();
  if (!config || !is_sound(*config))
    return 1;
  probe_report report;
  if (arguments.online)
    report = run_probes(online_probes(*config), [](auto& named) {
      std::cout << line_of(named) << std::endl;
    });
  if (!report.failed) {
    catch_interrupts(); // reading a list may take a while
    std::cout << arguments.config.file << ": ok\n"
              << outlook_text(*config) << std::flush;
  }
  auto code = report.failed ? 1 : 0;
  if (report.abandoned)
    std::_Exit(code);
  return code;
}

} // namespace

void add_check(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
    "check",
    "Validate a config file and print every error, not only the first");
  auto arguments = std::make_shared<check_arguments>();
  arguments->config.add_to(*command);
  command->add_flag(
    "--online", arguments->online,
    "Also test what the job needs, one line each: the secrets, the API key, "
    "the robots, the clock, the webhooks, the lists, the folders, the disks. "
    "Buys and delivers nothing, and creates no file except the one for the "
    "shared rate limit; run it as the job's user");
  command->footer(
    "Without --online, sends nothing and resolves no secret. Also reports\n"
    "keys that name the same file, such as a sink and a list, and a missing\n"
    "`notify` program. Says what `run` would do: begin, continue or refuse.\n"
    "For that it reads each list whose name, size or time differs from what\n"
    "the job recorded. This does not change the exit code.\n\n"
    "Exit codes: 0 for success, even with warnings; 1 for an error in the\n"
    "config or a failure that --online finds.\n\n"
    "Examples:\n"
    "  sluice check job.yaml\n"
    "  EXTRALT_API_KEY=… sluice check job.yaml --online");
  command->callback([=, &exit_code] { exit_code = check(*arguments); });
}

} // namespace sluice::cli

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

/// What the keys say together, and what only the sinks themselves can say of
/// their sections.
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
                     + ". Write its path, or install it");
  return !print_findings(findings.take());
}

/// The exit code; does not return where a probe still hangs.
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
    catch_interrupts(); // reading a list may take long
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
    "check", "Validate a config file: prints every error, not only the first");
  auto arguments = std::make_shared<check_arguments>();
  arguments->config.add_to(*command);
  command->add_flag("--online", arguments->online,
                    "Also try what the job needs, a line each: the secrets, "
                    "the API key, the robots, the clock, the webhooks, the "
                    "lists, the folders, the disks. Nothing is bought or "
                    "delivered, and no file is made except the one of the "
                    "shared rate limit: run it as the job's user");
  command->footer(
    "Without --online it sends nothing and resolves no secret. Also finds "
    "keys\n"
    "that name the same file, such as a sink and a list, and a program under\n"
    "`notify` that is not there. Says what `run` would do: begin, go on or\n"
    "refuse, for which a list is read if its name, size or time is not as the\n"
    "job remembers it. That does not change the exit code.\n\n"
    "Exit codes: 0, also with warnings; 1 for an error in the config, and for "
    "a\n"
    "failure that --online finds.\n\n"
    "Examples:\n"
    "  sluice check job.yaml\n"
    "  EXTRALT_API_KEY=… sluice check job.yaml --online");
  command->callback([=, &exit_code] { exit_code = check(*arguments); });
}

} // namespace sluice::cli

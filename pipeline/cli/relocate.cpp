#include "pipeline/relocate.hpp"

#include "core/base/job_command.hpp"
#include "core/base/state_folder.hpp"
#include "core/ledger/ledger.hpp"
#include "pipeline/cli/command.hpp"
#include "pipeline/interrupts.hpp"
#include "pipeline/successor_ledger.hpp"

#include <filesystem>
#include <iostream>
#include <memory>

namespace sluice::cli {

namespace {

struct relocate_arguments {
  config_arguments config;
  std::vector<std::string> lost;
};

caf::expected<std::unique_ptr<ledger>> attach_current(const settings& config) {
  if (auto err = successor_ledger::check_not_left(config.ledger))
    return err;
  if (auto err = successor_ledger::complete(config.ledger))
    return err;
  std::error_code ignored;
  if (!std::filesystem::exists(config.ledger, ignored))
    return make_error(
      ec::usage, "there is no ledger '" + printable(config.ledger.native())
                   + "'. If it was moved, write its new path under 'ledger'. A "
                     "job that has not begun has nothing to relocate");
  return attach_ledger(config.ledger, state_folder());
}

/// Opening a ledger changes it if it is empty or of an earlier format, so the
/// relocation is checked first.
caf::expected<std::string>
relocated(const settings& config, const std::vector<std::string>& lost) {
  {
    auto looked_at = attach_current(config);
    if (!looked_at)
      return looked_at.error();
    if ((*looked_at)->is_of_earlier_format())
      if (auto err = check_relocation(**looked_at, config, lost))
        return err;
  }
  auto store = open_ledger(config.ledger, state_folder());
  if (!store)
    return store.error();
  return relocate(**store, config, lost);
}

int relocate_job(const relocate_arguments& arguments) {
  auto config = arguments.config.load_to_start();
  if (!config)
    return 1;
  catch_interrupts();
  auto text = relocated(*config, arguments.lost);
  if (!text)
    return fail(text.error());
  std::cout << *text << "Continue with `" << job_command("run") << "`.\n";
  return 0;
}

} // namespace

void add_relocate(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
    "relocate", "Continue a job whose files or addresses have moved");
  auto arguments = std::make_shared<relocate_arguments>();
  arguments->config.add_to(*command);
  command
    ->add_option("--lost", arguments->lost,
                 "Give up this sink's file: its captures are lost, and the job "
                 "continues in a new file")
    ->type_name("SINK")
    ->allow_extra_args(false);
  command->footer(
    "Move the files, change the config, then run this. A file must end with\n"
    "what the job wrote to it; any other is refused. No file is changed. You\n"
    "may also rename a sink, change a webhook's URL, or change the API's base\n"
    "URL, if it knows the job's open runs. Files below the ledger's folder "
    "may\n"
    "move along with it and need no command.\n\n"
    "Examples:\n"
    "  sluice relocate job.yaml\n"
    "  sluice relocate job.yaml --lost file-0");
  command->callback([=, &exit_code] { exit_code = relocate_job(*arguments); });
}

} // namespace sluice::cli

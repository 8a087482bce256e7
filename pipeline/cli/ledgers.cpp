#include "pipeline/cli/command.hpp"
#include "pipeline/cli/number_option.hpp"
#include "pipeline/ledger_shelf.hpp"

#include <chrono>
#include <iostream>
#include <memory>

namespace sluice::cli {

namespace {

struct ledgers_arguments {
  config_arguments config;
  bool prune = false;
  bool all = false;
  uint32_t older_than_days = 0;
};

prune_options options_of(const ledgers_arguments& arguments) {
  prune_options options;
  options.all = arguments.all;
  if (arguments.older_than_days > 0) {
    auto time = std::chrono::system_clock::now()
                - std::chrono::hours{24} * arguments.older_than_days;
    options.older_than =
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch())
        .count();
  }
  return options;
}

int ledgers(const ledgers_arguments& arguments) {
  auto config = arguments.config.load();
  if (!config)
    return 1;
  auto all = read_shelf(*config);
  if (!all)
    return fail(all.error());
  if (!arguments.prune) {
    std::cout << shelf_text(*all);
    return 0;
  }
  auto text = prune_shelf(*all, options_of(arguments));
  if (!text)
    return fail(text.error());
  std::cout << *text;
  return 0;
}

} // namespace

void add_ledgers(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
    "ledgers", "List the job's ledgers, or remove those set aside");
  auto arguments = std::make_shared<ledgers_arguments>();
  arguments->config.add_to(*command);
  auto* prune =
    command->add_flag("--prune", arguments->prune,
                      "Remove the set-aside ledgers with no unfinished work, "
                      "and copies of earlier formats; list the others");
  add_number(*command, "--older-than", arguments->older_than_days,
             "Only those set aside more than this many days ago",
             number_range{1, 100'000})
    ->type_name("DAYS")
    ->needs(prune);
  command
    ->add_flag("--all", arguments->all,
               "Also those with open, unread or held batches, whose captures "
               "will then never be fetched; never one that cannot be read")
    ->needs(prune);
  command->footer(
    "--again and --discard-unfinished set the old job's ledger aside as\n"
    "<ledger>.<seconds>.old; a newer version copies a ledger before it\n"
    "changes its format. The job's current ledger is never removed.\n\n"
    "Examples:\n"
    "  sluice ledgers job.yaml\n"
    "  sluice ledgers job.yaml --prune --older-than 30");
  command->callback([=, &exit_code] { exit_code = ledgers(*arguments); });
}

} // namespace sluice::cli

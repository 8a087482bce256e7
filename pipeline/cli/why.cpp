#include "core/ledger/ledger.hpp"
#include "pipeline/cli/command.hpp"
#include "pipeline/report/why_text.hpp"

#include <iostream>
#include <memory>

namespace sluice::cli {

namespace {

int why(const config_arguments& arguments) {
  auto config = arguments.load();
  if (!config)
    return 1;
  auto store = ledger::attach(config->ledger);
  if (!store)
    return fail(store.error());
  auto numbers = (*store)->report();
  if (!numbers)
    return fail(numbers.error());
  auto text = why_text(numbers->spent);
  std::cout << (text.empty() ? "The ledger tells of no time yet.\n" : text);
  return 0;
}

} // namespace

void add_why(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
    "why", "Where the time went: tokens, slots, runs, sinks, backoff");
  auto arguments = std::make_shared<config_arguments>();
  arguments->add_to(*command);
  command->footer("A part of what `sluice status` prints; docs/operating.md "
                  "tells what to change for each cause.\n\n"
                  "Example:\n"
                  "  sluice why job.yaml");
  command->callback([=, &exit_code] { exit_code = why(*arguments); });
}

} // namespace sluice::cli

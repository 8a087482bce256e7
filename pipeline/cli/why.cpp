#include "core/ledger/ledger.hpp"
#include "pipeline/api_access.hpp"
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
  auto store = attach_ledger(config->ledger);
  if (!store)
    return fail(store.error());
  auto numbers = (*store)->report();
  if (!numbers)
    return fail(numbers.error());
  auto text = why_text(numbers->spent);
  std::cout << (text.empty() ? "No time has been recorded yet.\n" : text);
  auto others = other_jobs_of(*config);
  if (others)
    std::cout << others_text(*others);
  else
    std::cerr << "sluice: the jobs that share the rate limit are unknown: "
              << what_of(others.error()) << '\n';
  return 0;
}

} // namespace

void add_why(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
    "why", "Print where the time went, and which jobs share the rate limit");
  auto arguments = std::make_shared<config_arguments>();
  arguments->add_to(*command);
  command->footer(
    "`sluice status` prints the first part too. docs/operating.md "
    "says what to change for each cause. A job is named if it "
    "asked for a token in the last two minutes; this needs the "
    "API's key.\n\n"
    "Example:\n"
    "  sluice why job.yaml");
  command->callback([=, &exit_code] { exit_code = why(*arguments); });
}

} // namespace sluice::cli

#include "pipeline/cli/command.hpp"
#include "pipeline/job_report.hpp"

#include <array>
#include <iostream>
#include <memory>

namespace sluice::cli {

namespace {

constexpr size_t listed_as_text = 5;
constexpr size_t listed_as_json = 1'000;

constexpr std::array<std::pair<const char*, url_state>, 7> states{{
  {"captured", url_state::captured},
  {"missing", url_state::missing},
  {"failed", url_state::failed},
  {"rejected", url_state::rejected},
  {"held", url_state::held},
  {"pending", url_state::pending},
  {"invalid", url_state::invalid},
}};

struct status_arguments {
  config_arguments config;
  bool json = false;
  std::string list;
};

int fail(const caf::error& reason) {
  std::cerr << "sluice: " << what_of(reason) << '\n';
  return exit_code_of(reason);
}

std::string check_state(const std::string& name) {
  if (name == "duplicate")
    return "duplicates are not kept: each is listed under the state of its "
           "first occurrence";
  std::string names;
  for (auto& [known, state] : states) {
    if (name == known)
      return "";
    names += (names.empty() ? "" : ", ") + std::string{known};
  }
  return "unknown state '" + name + "'; one of " + names;
}

int list_urls(ledger& store, const std::string& name) {
  for (auto& [known, state] : states) {
    if (name != known)
      continue;
    auto err = store.each_url(state, [](std::string_view url) {
      std::cout << url << '\n';
      return std::cout.good();
    });
    if (err)
      return fail(err);
  }
  return std::cout.flush() ? 0 : 5;
}

int status(const status_arguments& arguments) {
  auto config = arguments.config.load();
  if (!config)
    return 1;
  auto store = ledger::attach(config->ledger);
  if (!store)
    return fail(store.error());
  if (!arguments.list.empty())
    return list_urls(**store, arguments.list);
  auto report = read_job_report(
    **store, *config, arguments.json ? listed_as_json : listed_as_text);
  if (!report)
    return fail(report.error());
  if (arguments.json)
    std::cout << report_json(*report);
  else if (report->imported)
    std::cout << account_text(report->numbers, report->context);
  else
    std::cout << "The lists are being imported, or their import was "
                 "interrupted; `sluice run` does it.\n";
  return std::cout.flush() ? 0 : 5;
}

} // namespace

void add_status(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
    "status", "The account of every URL, also while the job runs");
  auto arguments = std::make_shared<status_arguments>();
  arguments->config.add_to(*command);
  auto* json = command->add_flag("--json", arguments->json,
                                 "One JSON object, for programs");
  command
    ->add_option("--list", arguments->list,
                 "Print the URLs in a state, one per line: captured, missing, "
                 "failed, rejected, held, pending or invalid")
    ->check(CLI::Validator{check_state, "STATE"})
    ->type_name("")
    ->excludes(json);
  command->footer("Reads the ledger only: no key, no request.\n\n"
                  "Examples:\n"
                  "  sluice status job.yaml\n"
                  "  sluice status job.yaml --list missing > again.txt");
  command->callback([=, &exit_code] { exit_code = status(*arguments); });
}

} // namespace sluice::cli

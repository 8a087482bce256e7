#include "core/job_command.hpp"
#include "core/ledger_lock.hpp"
#include "pipeline/cli/command.hpp"
#include "pipeline/job_report.hpp"

#include <array>
#include <csignal>
#include <iostream>
#include <memory>
#include <optional>

namespace sluice::cli {

namespace {

constexpr size_t listed_as_text = 5;

constexpr std::array<std::pair<const char*, url_state>, 8> states{{
  {"captured", url_state::captured},
  {"missing", url_state::missing},
  {"failed", url_state::failed},
  {"rejected", url_state::rejected},
  {"held", url_state::held},
  {"set_aside", url_state::set_aside},
  {"pending", url_state::pending},
  {"invalid", url_state::invalid},
}};

std::string not_imported() {
  return "the lists are being imported, or their import was interrupted and `"
         + job_command("run") + "` does it";
}

struct status_arguments {
  config_arguments config;
  bool json = false;
  std::string list;
};

std::optional<url_state> state_named(std::string_view name) {
  for (auto& [known, state] : states)
    if (name == known)
      return state;
  return std::nullopt;
}

std::string state_names(const char* between) {
  std::string names;
  for (auto& [known, state] : states)
    names += (names.empty() ? "" : between) + std::string{known};
  return names;
}

std::string check_state(const std::string& name) {
  if (name == "duplicate")
    return "duplicates are not kept: each is listed under the state of its "
           "first occurrence";
  if (state_named(name))
    return "";
  return "unknown state '" + name + "'; one of " + state_names(", ");
}

/// The exit code after everything was printed.
int printed() {
  if (std::cout.flush())
    return 0;
  return fail(make_error(ec::disk, "standard output cannot be written; look "
                                   "whether its disk is full"));
}

/// Invalid records may hold anything, line breaks too.
void print_url(url_state state, std::string_view url) {
  if (state == url_state::invalid)
    std::cout << escaped(url) << '\n';
  else
    std::cout << url << '\n';
}

int list_urls(ledger& store, url_state state) {
  auto imported = store.is_imported();
  if (!imported)
    return fail(imported.error());
  if (!*imported)
    return fail(
      make_error(ec::usage, "there is nothing to list yet: " + not_imported()));
  auto err = store.each_url(state, [=](std::string_view url) {
    print_url(state, url);
    return std::cout.good();
  });
  return err ? fail(err) : printed();
}

int print_report(ledger& store, const settings& config, bool as_json) {
  auto report = read_job_report(store, config,
                                as_json ? listed_for_programs : listed_as_text);
  if (!report)
    return fail(report.error());
  report->context.running_in = ledger_lock::holder(config.ledger);
  if (as_json)
    std::cout << report_json(*report);
  else if (report->imported)
    std::cout << account_text(report->numbers, report->context);
  else
    std::cout << "There is no account yet: " << not_imported() << ".\n";
  return printed();
}

int status(const status_arguments& arguments) {
  auto config = arguments.config.load();
  if (!config)
    return 1;
  // A reader that has seen enough, as `head`, ends this without a message.
  std::signal(SIGPIPE, SIG_DFL);
  auto store = ledger::attach(config->ledger);
  if (!store)
    return fail(store.error());
  if (auto state = state_named(arguments.list))
    return list_urls(**store, *state);
  return print_report(**store, *config, arguments.json);
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
                 "Print the URLs in this state, one per line")
    ->check(CLI::Validator{check_state, "{" + state_names(",") + "}"})
    ->type_name("STATE")
    ->excludes(json);
  command->footer("Reads the ledger only: no key, no request.\n\n"
                  "Examples:\n"
                  "  sluice status job.yaml\n"
                  "  sluice status job.yaml --list missing > again.txt");
  command->callback([=, &exit_code] { exit_code = status(*arguments); });
}

} // namespace sluice::cli

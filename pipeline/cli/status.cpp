#include "core/base/enum_words.hpp"
#include "core/base/job_command.hpp"
#include "core/base/url.hpp"
#include "core/ledger/ledger.hpp"
#include "core/ledger/ledger_lock.hpp"
#include "pipeline/cli/command.hpp"
#include "pipeline/report/job_report.hpp"
#include "pipeline/report/listed_text.hpp"
#include "pipeline/report/url_text.hpp"

#include <csignal>
#include <iostream>
#include <memory>
#include <optional>

namespace sluice::cli {

namespace {

constexpr size_t listed_as_text = 5;

/// Without deduplication, a URL may occur any number of times.
constexpr size_t places_shown = 1'000;

/// A list without the option is plain; the plain form has no word.
constexpr enum_words<list_form, 2> form_words{
  {{"csv", list_form::csv}, {"jsonl", list_form::jsonl}}};

std::string not_imported() {
  return "the lists are being imported, or their import was interrupted and `"
         + job_command("run") + "` repeats it";
}

struct status_arguments {
  config_arguments config;
  bool json = false;
  std::string list;
  std::string format;
  std::string url;
};

std::string state_names(const char* between) {
  std::string names;
  for (auto& [word, state] : url_state_words)
    names += (names.empty() ? "" : between) + std::string{word};
  return names;
}

std::string check_state(const std::string& name) {
  if (name == "duplicate")
    return "duplicates are not stored: each is listed under the state of its "
           "first occurrence";
  if (value_of(url_state_words, name))
    return "";
  return "unknown state '" + name + "'; write one of " + state_names(", ");
}

std::string check_url(const std::string& url) {
  return url.empty() ? "write a URL" : "";
}

/// The exit code after everything was printed.
int printed() {
  if (std::cout.flush())
    return 0;
  return fail(make_error(
    ec::disk,
    "standard output cannot be written; check whether its disk is full"));
}

/// ec::usage if the lists are not imported, so no URL can be `wanted`.
caf::error check_imported(ledger_reader& store, const std::string& wanted) {
  auto imported = store.is_imported();
  if (!imported)
    return imported.error();
  if (*imported)
    return {};
  return make_error(ec::usage,
                    "no URL can be " + wanted + " yet: " + not_imported());
}

int list_urls(ledger_reader& store, url_state state, list_form form) {
  if (auto err = check_imported(store, "listed"))
    return fail(err);
  std::string name = name_of(state);
  std::cout << listed_header(form);
  auto err = store.each_url(state, [&](const listed_url& url) {
    std::cout << listed_text(form, name, url);
    return std::cout.good();
  });
  return err ? fail(err) : printed();
}

/// Why a URL is not in the job; names the URL that differs only in spelling, if
/// any.
caf::error not_found(ledger_reader& store, const std::string& url) {
  auto text = "none of this job's lists has '" + printable(url) + "'";
  if (auto defect = url_defect(url))
    return make_error(ec::usage,
                      text + ", and it is not a valid URL: " + defect);
  auto similar = store.find_spelling(url);
  if (!similar)
    return similar.error();
  return make_error(ec::usage, *similar
                                 ? text + ", but one has '"
                                     + printable(**similar, max_url_bytes) + "'"
                                 : text);
}

int find_url(ledger_reader& store, const settings& config,
             const std::string& url) {
  if (auto err = check_imported(store, "looked up"))
    return fail(err);
  auto places = store.find_url(url, places_shown + 1);
  if (!places)
    return fail(places.error());
  if (!places->empty()) {
    std::cout << url_text(url, *places, places_shown, config);
    return printed();
  }
  auto record = store.find_invalid(url);
  if (!record)
    return fail(record.error());
  if (!*record)
    return fail(not_found(store, url));
  std::cout << url_text(**record);
  return printed();
}

int print_report(job_store& store, const settings& config, bool as_json) {
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
  // A reader that has seen enough, such as `head`, ends this silently.
  std::signal(SIGPIPE, SIG_DFL);
  auto store = attach_ledger(config->ledger);
  if (!store)
    return fail(store.error());
  if (auto state = value_of(url_state_words, arguments.list))
    return list_urls(**store, *state,
                     arguments.format.empty()
                       ? list_form::plain
                       : *value_of(form_words, arguments.format));
  if (!arguments.url.empty())
    return find_url(**store, *config, arguments.url);
  return print_report(**store, *config, arguments.json);
}

} // namespace

void add_status(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
    "status", "Print the account of every URL, even while the job runs");
  auto arguments = std::make_shared<status_arguments>();
  arguments->config.add_to(*command);
  auto* json = command->add_flag("--json", arguments->json,
                                 "Print one JSON object, for programs");
  auto* list =
    command
      ->add_option("--list", arguments->list,
                   "Print the URLs in this state, one per line")
      ->check(CLI::Validator{check_state, "{" + state_names(",") + "}"})
      ->type_name("STATE")
      ->excludes(json);
  command
    ->add_option("--format", arguments->format,
                 "With --list: print each URL with its state, the reason, its "
                 "run and when that was submitted, as CSV or JSON Lines")
    ->check(CLI::IsMember(words_in(form_words)))
    ->needs(list);
  command
    ->add_option("--url", arguments->url,
                 "Print which runs had this URL, when, and with what result. "
                 "Reads the whole ledger")
    ->check(CLI::Validator{check_url, ""})
    ->type_name("URL")
    ->excludes(json)
    ->excludes(list);
  command->footer("Only reads the ledger: needs no key, sends no request.\n\n"
                  "Examples:\n"
                  "  sluice status job.yaml\n"
                  "  sluice status job.yaml --list missing > again.txt\n"
                  "  sluice status job.yaml --list failed --format csv\n"
                  "  sluice status job.yaml --url https://shop.example/1");
  command->callback([=, &exit_code] { exit_code = status(*arguments); });
}

} // namespace sluice::cli

#include "actors/sinks/registry.hpp"
#include "core/base/ascii.hpp"
#include "core/base/job_command.hpp"
#include "core/base/state_folder.hpp"
#include "core/ledger/ledger.hpp"
#include "core/model/batch.hpp"
#include "pipeline/api_access.hpp"
#include "pipeline/candidates.hpp"
#include "pipeline/cli/command.hpp"
#include "pipeline/identity.hpp"
#include "pipeline/interrupts.hpp"
#include "pipeline/report/counted.hpp"
#include "pipeline/report/stuck_text.hpp"
#include "pipeline/run_check.hpp"

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>

namespace sluice::cli {

namespace {

/// Held batches are listed, and decided about together, up to so many.
constexpr size_t most_batches = 1'000'000;
constexpr size_t urls_shown = 3;
constexpr auto none_stuck = "No batch is held, and no run is set aside.\n";

enum class decision { none, adopt, resubmit, abandon, read_again };

struct resolve_arguments {
  config_arguments config;
  bool all = false;
  std::vector<std::string> words;
};

/// The words of the command line, understood.
struct request {
  std::optional<batch_key> batch;
  decision what = decision::none;
  std::string run_id;
};

caf::error wrong(const std::string& what) {
  return make_error(ec::usage, what
                                 + "; see `sluice resolve --help` for what "
                                   "can be decided");
}

std::optional<batch_key> read_key(const std::string& word) {
  auto key = read_number<batch_key>(word);
  return key < 1 ? std::nullopt : key;
}

caf::expected<decision> read_decision(const std::string& word) {
  if (word == "adopt")
    return decision::adopt;
  if (word == "resubmit")
    return decision::resubmit;
  if (word == "abandon")
    return decision::abandon;
  if (word == "read-again")
    return decision::read_again;
  return wrong("'" + printable(word)
               + "' is not a decision: write adopt RUN_ID, resubmit, "
                 "read-again or abandon");
}

caf::expected<request> understand(const resolve_arguments& arguments) {
  request result;
  auto word = arguments.words.begin();
  auto end = arguments.words.end();
  if (word == end && !arguments.all)
    return result;
  if (!arguments.all) {
    result.batch = read_key(*word);
    if (!result.batch)
      return wrong("'" + printable(*word) + "' is no batch number");
    ++word;
  }
  if (word == end)
    return wrong("say what to do: adopt RUN_ID, resubmit, read-again or "
                 "abandon");
  auto what = read_decision(*word++);
  if (!what)
    return what.error();
  result.what = *what;
  if (*what == decision::adopt) {
    if (arguments.all)
      return wrong("a run belongs to one batch, so --all cannot adopt it");
    if (word == end)
      return wrong("name the run to adopt: adopt RUN_ID");
    result.run_id = *word++;
  }
  if (word != end)
    return wrong("'" + printable(*word) + "' is one word too many");
  return result;
}

/// nullopt where the API cannot be asked; that is said, and no error.
std::optional<candidates>
ask_for_candidates(ledger& store, const settings& config) {
  if (!config.api.profile->find)
    return std::nullopt;
  auto found = find_candidates(store, config.api);
  if (found)
    return std::move(*found);
  std::cerr << "sluice: the API's runs cannot be looked at, so no candidates "
               "are shown: "
            << what_of(found.error()) << '\n';
  return std::nullopt;
}

void list_candidates(const candidates& found, batch_key batch) {
  auto own = found.match.own_of(batch);
  for (auto& run : own)
    std::cout << "    candidate: run " << printable(run)
              << " is of exactly these URLs, as far as it shows\n";
  if (own.size() > 1)
    std::cout << "    they cannot be told apart: adopt one, the others were "
                 "paid for, too\n";
}

/// Nothing when it is not held any more: the running job may find its run.
caf::error list_batch(ledger& store, const settings& config,
                      const stuck_batch& batch,
                      const std::optional<candidates>& found) {
  auto held = store.held_batch(batch.key);
  if (!held)
    return code_of(held.error()) == ec::usage ? caf::error{} : held.error();
  std::vector<std::string> urls;
  for (size_t i = 0; i < held->urls.size() && i < urls_shown; ++i)
    urls.emplace_back(held->urls[i]);
  std::cout << held_text(batch, urls, *config.api.profile);
  if (found)
    list_candidates(*found, batch.key);
  return {};
}

caf::error list_held(ledger& store, const settings& config,
                     const std::vector<stuck_batch>& held) {
  auto found = ask_for_candidates(store, config);
  for (auto& batch : held)
    if (auto err = list_batch(store, config, batch, found))
      return err;
  if (found && !found->unknown.empty()) {
    std::cout << "Runs that show nothing yet, and may be any batch's:\n";
    for (auto& run : found->unknown)
      std::cout << "    run " << printable(run) << '\n';
  }
  std::cout << held_decisions(held, *config.api.profile);
  return {};
}

caf::error list_set_aside(ledger& store, const settings& config,
                          const std::vector<stuck_batch>& runs) {
  for (auto& batch : runs) {
    auto urls = store.first_urls(batch.key, urls_shown);
    if (!urls)
      return urls.error();
    std::cout << set_aside_text(batch, *urls, *config.api.profile);
  }
  std::cout << set_aside_decisions(runs);
  return {};
}

int list_stuck(ledger& store, const settings& config) {
  auto held = store.held_batches(most_batches);
  if (!held)
    return fail(held.error());
  auto set_aside = store.set_aside_runs(most_batches);
  if (!set_aside)
    return fail(set_aside.error());
  if (!held->empty())
    if (auto err = list_held(store, config, *held))
      return fail(err);
  if (!set_aside->empty())
    if (auto err = list_set_aside(store, config, *set_aside))
      return fail(err);
  if (held->empty() && set_aside->empty())
    std::cout << none_stuck;
  return 0;
}

int64_t wall_clock_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
           std::chrono::system_clock::now().time_since_epoch())
    .count();
}

/// How a batch is named in what is said of it.
std::string subject(batch_key batch, const caf::expected<url_batch>& held) {
  auto text = "batch " + std::to_string(batch);
  return held ? text + ", " + counted(held->urls.size(), "URL") : text;
}

/// Carries out a decision that only a held batch allows.
caf::error decide_held(ledger& store, const settings& config, batch_key batch,
                       const request& wanted) {
  auto held = store.held_batch(batch);
  if (!held)
    return held.error();
  if (wanted.what == decision::adopt) {
    if (auto err = check_run(config.api, wanted.run_id))
      return err;
    if (auto err = store.adopt(batch, wanted.run_id, wall_clock_ms()))
      return err;
    std::cout << subject(batch, held) << ": goes on as run "
              << printable(wanted.run_id) << '\n';
    return {};
  }
  if (auto err = store.resubmit(batch))
    return err;
  std::cout << subject(batch, held)
            << ": will be submitted again; paid for twice if there is a "
               "run of it after all\n";
  return {};
}

/// Says what was done on standard output.
caf::error carry_out(ledger& store, const settings& config, batch_key batch,
                     const request& wanted) {
  switch (wanted.what) {
    case decision::read_again:
      if (auto err = store.read_again(batch, wall_clock_ms()))
        return err;
      std::cout << "batch " << batch << ": its run will be read again\n";
      return {};
    case decision::abandon: {
      auto held = store.held_batch(batch);
      if (auto err = store.abandon(batch))
        return err;
      std::cout << subject(batch, held)
                << (held ? ": given up, counts as failed\n"
                         : ": given up, its URLs without a capture count as "
                           "failed\n");
      return {};
    }
    default:
      return decide_held(store, config, batch, wanted);
  }
}

/// With --all: the held batches, or the runs set aside.
caf::expected<std::vector<batch_key>>
chosen(ledger& store, const request& wanted) {
  if (wanted.batch)
    return std::vector{*wanted.batch};
  auto all = wanted.what == decision::read_again
               ? store.set_aside_runs(most_batches)
               : store.held_batches(most_batches);
  if (!all)
    return all.error();
  std::vector<batch_key> result;
  for (auto& batch : *all)
    result.push_back(batch.key);
  return result;
}

int decide(ledger& store, const settings& config, const request& wanted) {
  // The job's own API must be asked, and the decision be about its ledger.
  if (auto err = store.bind(identity_of(config, sink_specs())))
    return fail(err);
  auto batches = chosen(store, wanted);
  if (!batches)
    return fail(batches.error());
  for (auto batch : *batches) {
    if (interrupted())
      return fail(
        make_error(ec::interrupted, "interrupted; nothing was decided "
                                    "about the batches from "
                                      + std::to_string(batch) + " on"));
    auto err = carry_out(store, config, batch, wanted);
    // Of all batches some may have found their runs meanwhile.
    if (err && (wanted.batch || code_of(err) != ec::usage))
      return fail(err);
  }
  if (batches->empty())
    std::cout << (wanted.what == decision::read_again ? "No run is set aside.\n"
                                                      : "No batch is held.\n");
  else
    std::cout << "A running job takes this up within seconds; else continue "
                 "with `"
              << job_command("run") << "`.\n";
  return 0;
}

int resolve(const resolve_arguments& arguments) {
  auto wanted = understand(arguments);
  if (!wanted)
    return fail(wanted.error());
  auto config = arguments.config.load();
  if (!config)
    return 1;
  catch_interrupts();
  auto store = ledger::attach(config->ledger, state_folder());
  if (!store)
    return fail(store.error());
  return wanted->what == decision::none ? list_stuck(**store, *config)
                                        : decide(**store, *config, *wanted);
}

} // namespace

void add_resolve(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
    "resolve",
    "Decide about held batches and runs set aside, also while the job runs");
  auto arguments = std::make_shared<resolve_arguments>();
  arguments->config.add_to(*command);
  command->add_flag("--all", arguments->all,
                    "Every held batch; for read-again, every run set aside");
  command
    ->add_option("DECISION", arguments->words,
                 "BATCH, or --all; then adopt RUN_ID, resubmit, read-again or "
                 "abandon. Without any, the held batches and the runs set "
                 "aside are listed")
    ->type_name("{adopt,resubmit,read-again,abandon}");
  command->footer(
    "A batch is held when nobody knows whether the API made a run of it: the\n"
    "reply to its submit was lost, or the run was given up. It is never sent\n"
    "again by itself, for that might pay twice. A run is set aside when its\n"
    "captures are paid for but cannot be read.\n\n"
    "  adopt RUN_ID   the run exists: go on with it (the API is asked)\n"
    "  resubmit       no run exists: submit again; pays twice if one does\n"
    "  read-again     ask for the captures of a run set aside once more\n"
    "  abandon        give up a held batch or a run set aside; URLs without a\n"
    "                 capture count as failed\n\n"
    "Examples:\n"
    "  sluice resolve job.yaml\n"
    "  sluice resolve job.yaml 17 adopt run_5fa9\n"
    "  sluice resolve job.yaml --all resubmit\n"
    "  sluice resolve job.yaml --all read-again");
  command->callback([=, &exit_code] { exit_code = resolve(*arguments); });
}

} // namespace sluice::cli

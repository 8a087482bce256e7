#include "actors/sinks/registry.hpp"
#include "config/identity.hpp"
#include "core/base/ascii.hpp"
#include "core/base/job_command.hpp"
#include "core/base/state_folder.hpp"
#include "core/ledger/ledger.hpp"
#include "core/model/batch.hpp"
#include "pipeline/api_access.hpp"
#include "pipeline/candidates.hpp"
#include "pipeline/cli/command.hpp"
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

/// The most held batches to list, or to resolve with one decision.
constexpr size_t most_batches = 1'000'000;
constexpr size_t urls_shown = 3;
constexpr auto none_stuck = "No batch is held, and no run is set aside.\n";

enum class decision { none, adopt, resubmit, abandon, read_again };

struct resolve_arguments {
  config_arguments config;
  bool all = false;
  std::vector<std::string> words;
};

/// The parsed words of the command line.
struct request {
  std::optional<batch_key> batch;
  decision what = decision::none;
  std::string run_id;
};

caf::error wrong(const std::string& what) {
  return make_error(ec::usage,
                    what + "; see `sluice resolve --help` for the decisions");
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
      return wrong("'" + printable(*word) + "' is not a batch number");
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
    return wrong("'" + printable(*word) + "' is one argument too many");
  return result;
}

/// nullopt if the API cannot be asked. Prints the reason; it is not an error.
std::optional<run_match>
ask_for_candidates(decision_store& store, const settings& config) {
  if (!config.api.profile->find)
    return std::nullopt;
  auto found = find_candidates(store, config.api);
  if (found)
    return std::move(*found);
  std::cerr
    << "sluice: the API's runs cannot be listed, so no candidates are shown: "
    << what_of(found.error()) << '\n';
  return std::nullopt;
}

void list_candidates(const run_match& found, batch_key batch) {
  auto own = found.own_of(batch);
  for (auto& run : own)
    std::cout << "    candidate: run " << printable(run)
              << " has exactly these URLs, according to the API\n";
  if (own.size() > 1)
    std::cout << "    they cannot be told apart: adopt one; the others were "
                 "paid for, too\n";
}

/// Prints nothing if the batch is no longer held: the running job may have
/// found its run.
caf::error list_batch(decision_store& store, const settings& config,
                      const stuck_batch& batch,
                      const std::optional<run_match>& found) {
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

caf::error list_held(decision_store& store, const settings& config,
                     const std::vector<stuck_batch>& held) {
  auto found = ask_for_candidates(store, config);
  for (auto& batch : held)
    if (auto err = list_batch(store, config, batch, found))
      return err;
  if (found && !found->unknown().empty()) {
    std::cout << "Runs that show no URLs yet and may belong to any batch:\n";
    for (auto& run : found->unknown())
      std::cout << "    run " << printable(run) << '\n';
  }
  std::cout << held_decisions(held, *config.api.profile);
  return {};
}

caf::error list_set_aside(ledger_reader& store, const settings& config,
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

int list_stuck(job_store& store, const settings& config) {
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

/// How messages name a batch.
std::string subject(batch_key batch, const caf::expected<url_batch>& held) {
  auto text = "batch " + std::to_string(batch);
  return held ? text + ", " + counted(held->urls.size(), "URL") : text;
}

/// Carries out a decision that applies only to held batches.
caf::error decide_held(decision_store& store, const settings& config,
                       batch_key batch, const request& wanted) {
  auto held = store.held_batch(batch);
  if (!held)
    return held.error();
  if (wanted.what == decision::adopt) {
    if (auto err = check_run(config.api, wanted.run_id))
      return err;
    if (auto err = store.adopt(batch, wanted.run_id, wall_clock_ms()))
      return err;
    std::cout << subject(batch, held) << ": continues as run "
              << printable(wanted.run_id) << '\n';
    return {};
  }
  if (auto err = store.resubmit(batch))
    return err;
  std::cout << subject(batch, held)
            << ": will be submitted again; paid for twice if a run of it "
               "exists after all\n";
  return {};
}

/// Prints what was done to standard output.
caf::error carry_out(decision_store& store, const settings& config,
                     batch_key batch, const request& wanted) {
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
chosen(ledger_reader& store, const request& wanted) {
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
  // The API to ask and the ledger to change must be this job's.
  if (auto err = store.bind(identity_of(config, sink_specs())))
    return fail(err);
  auto batches = chosen(store, wanted);
  if (!batches)
    return fail(batches.error());
  for (auto batch : *batches) {
    if (interrupted())
      return fail(
        make_error(ec::interrupted,
                   "interrupted; no decision was made about the batches from "
                     + std::to_string(batch) + " on"));
    auto err = carry_out(store, config, batch, wanted);
    // With --all, some batches may have found their runs in the meantime.
    if (err && (wanted.batch || code_of(err) != ec::usage))
      return fail(err);
  }
  if (batches->empty())
    std::cout << (wanted.what == decision::read_again ? "No run is set aside.\n"
                                                      : "No batch is held.\n");
  else
    std::cout
      << "A running job picks this up within seconds; otherwise continue with `"
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
  auto store = attach_ledger(config->ledger, state_folder());
  if (!store)
    return fail(store.error());
  return wanted->what == decision::none ? list_stuck(**store, *config)
                                        : decide(**store, *config, *wanted);
}

} // namespace

void add_resolve(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
    "resolve",
    "Decide what happens to held batches and runs set aside, even while the "
    "job runs");
  auto arguments = std::make_shared<resolve_arguments>();
  arguments->config.add_to(*command);
  command->add_flag("--all", arguments->all,
                    "Every held batch; for read-again, every run set aside");
  command
    ->add_option(
      "DECISION", arguments->words,
      "BATCH, or --all; then adopt RUN_ID, resubmit, read-again or abandon. "
      "Default: list the held batches and the runs set aside")
    ->type_name("{adopt,resubmit,read-again,abandon}");
  command->footer(
    "A batch is held if it is unknown whether the API created a run for it:\n"
    "the reply to its submit was lost, or the run was given up. It is never\n"
    "resubmitted automatically, because that might pay twice. A run is set\n"
    "aside if its captures are paid for but cannot be read.\n\n"
    "  adopt RUN_ID   the run exists: continue with it (asks the API)\n"
    "  resubmit       no run exists: submit again; pays twice if one does\n"
    "  read-again     fetch the captures of a run set aside once more\n"
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

#include "core/ledger.hpp"
#include "core/units.hpp"
#include "pipeline/api_access.hpp"
#include "pipeline/cli/command.hpp"
#include "pipeline/interrupts.hpp"

#include <algorithm>
#include <charconv>
#include <iostream>
#include <memory>

namespace sluice::cli {

namespace {

/// Held batches are listed, and decided about together, up to so many.
constexpr size_t most_batches = 1'000'000;
constexpr size_t urls_shown = 3;

enum class decision { none, adopt, resubmit, abandon };

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

int fail(const caf::error& reason) {
  std::cerr << "sluice: " << what_of(reason) << '\n';
  return exit_code_of(reason);
}

caf::error wrong(const std::string& what) {
  return make_error(ec::usage, what
                                 + "; see `sluice resolve --help` for what "
                                   "can be decided");
}

std::optional<batch_key> read_key(const std::string& word) {
  batch_key key = 0;
  auto end = word.data() + word.size();
  auto [stop, failed] = std::from_chars(word.data(), end, key);
  if (failed != std::errc{} || stop != end || key < 1)
    return std::nullopt;
  return key;
}

caf::expected<decision> read_decision(const std::string& word) {
  if (word == "adopt")
    return decision::adopt;
  if (word == "resubmit")
    return decision::resubmit;
  if (word == "abandon")
    return decision::abandon;
  return wrong("'" + printable(word)
               + "' is no decision: write adopt RUN_ID, resubmit or abandon");
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
    return wrong("say what to do: adopt RUN_ID, resubmit or abandon");
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

int list_held(ledger& store) {
  auto held = store.held_batches(most_batches);
  if (!held)
    return fail(held.error());
  if (held->empty()) {
    std::cout << "No batch is held.\n";
    return 0;
  }
  for (auto& batch : *held) {
    std::cout << "batch " << batch.key << ", " << human_count(batch.urls)
              << (batch.urls == 1 ? " URL: " : " URLs: ")
              << printable(batch.reason) << '\n';
    auto content = store.held_batch(batch.key);
    if (!content)
      return fail(content.error());
    auto shown = std::min(content->urls.size(), urls_shown);
    for (size_t i = 0; i < shown; ++i)
      std::cout << "    " << printable(content->urls[i], 120) << '\n';
    if (content->urls.size() > shown)
      std::cout << "    … and " << human_count(content->urls.size() - shown)
                << " more\n";
  }
  std::cout
    << "Look in the API's dashboard whether their runs exist, then\n"
       "  sluice resolve CONFIG BATCH adopt RUN_ID  go on with the run\n"
       "  sluice resolve CONFIG BATCH resubmit      there is no run: "
       "submit again (pays twice if there is one)\n"
       "  sluice resolve CONFIG BATCH abandon       give the URLs up\n";
  return 0;
}

/// The API must know the run: a wrong id would never end.
caf::error check_run(const settings& config, const std::string& run_id) {
  auto reply = ask_status(config.api, run_ref{run_id, {}});
  if (!reply)
    return reply.error();
  auto& verdict = reply->verdict;
  if (verdict.outcome == read_outcome::ok)
    return {};
  if (verdict.outcome == read_outcome::gone)
    return make_error(ec::usage, "the API does not know run "
                                   + printable(run_id) + ": "
                                   + verdict.message);
  return make_error(verdict.outcome == read_outcome::stop_job ? ec::api_refused
                                                              : ec::unavailable,
                    "whether run " + printable(run_id)
                      + " exists cannot be asked: " + verdict.message
                      + "; nothing was changed, try again");
}

int64_t wall_clock_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
           std::chrono::system_clock::now().time_since_epoch())
    .count();
}

caf::error carry_out(ledger& store, const settings& config, batch_key batch,
                     const request& wanted) {
  switch (wanted.what) {
    case decision::adopt:
      if (auto held = store.held_batch(batch); !held)
        return held.error();
      if (auto err = check_run(config, wanted.run_id))
        return err;
      return store.adopt(batch, wanted.run_id, wall_clock_ms());
    case decision::resubmit:
      return store.resubmit(batch);
    default:
      return store.abandon(batch);
  }
}

const char* done_text(decision what) {
  switch (what) {
    case decision::adopt:
      return "has its run";
    case decision::resubmit:
      return "will be submitted again";
    default:
      return "is given up; its URLs count as failed";
  }
}

int decide(ledger& store, const settings& config, const request& wanted) {
  std::vector<batch_key> batches;
  if (wanted.batch) {
    batches.push_back(*wanted.batch);
  } else {
    auto held = store.held_batches(most_batches);
    if (!held)
      return fail(held.error());
    for (auto& batch : *held)
      batches.push_back(batch.key);
  }
  for (auto batch : batches) {
    if (auto err = carry_out(store, config, batch, wanted))
      return fail(err);
    std::cout << "batch " << batch << ' ' << done_text(wanted.what) << '\n';
  }
  if (batches.empty())
    std::cout << "No batch is held.\n";
  else
    std::cout << "A running job takes this up within seconds; else continue "
                 "with `sluice run "
              << config.file.string() << "`.\n";
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
  auto store = ledger::attach(config->ledger);
  if (!store)
    return fail(store.error());
  return wanted->what == decision::none ? list_held(**store)
                                        : decide(**store, *config, *wanted);
}

} // namespace

void add_resolve(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
    "resolve", "Decide about held batches, also while the job runs");
  auto arguments = std::make_shared<resolve_arguments>();
  arguments->config.add_to(*command);
  command->add_flag("--all", arguments->all, "Every held batch");
  command
    ->add_option("DECISION", arguments->words,
                 "BATCH, or --all; then adopt RUN_ID, resubmit or abandon. "
                 "Without any, the held batches are listed")
    ->type_name("");
  command->footer(
    "A batch is held when nobody knows whether the API made a run of it: the\n"
    "reply to its submit was lost, or the run was given up. It is never sent\n"
    "again by itself, for that might pay twice.\n\n"
    "  adopt RUN_ID   the run exists: go on with it (the API is asked)\n"
    "  resubmit       no run exists: submit again; pays twice if one does\n"
    "  abandon        give the URLs up; they count as failed\n\n"
    "Examples:\n"
    "  sluice resolve job.yaml\n"
    "  sluice resolve job.yaml 17 adopt run_5fa9\n"
    "  sluice resolve job.yaml --all resubmit");
  command->callback([=, &exit_code] { exit_code = resolve(*arguments); });
}

} // namespace sluice::cli

#include "config/unusable_secrets.hpp"
#include "core/base/log.hpp"
#include "pipeline/cli/command.hpp"
#include "pipeline/cli/number_option.hpp"
#include "pipeline/interrupts.hpp"
#include "pipeline/job.hpp"
#include "pipeline/rehearsal/rehearsal.hpp"
#include "pipeline/serve/served_job.hpp"

#include <unistd.h>

#include <memory>
#include <optional>
#include <utility>

namespace sluice::cli {

namespace {

constexpr auto most_urls = 1'000'000'000;

struct run_arguments {
  config_arguments config;
  run_options options;
  double speed = 60;  ///< of a rehearsal
  uint64_t limit = 0; ///< 0: not given
  std::string retry;
  bool quiet = false;
  bool verbose = false;
};

verbosity verbosity_of(const run_arguments& arguments) {
  if (arguments.quiet)
    return verbosity::quiet;
  return arguments.verbose ? verbosity::verbose : verbosity::normal;
}

/// The level of the command line, else the config's.
log_level log_level_of(verbosity wanted, const log_settings& log) {
  switch (wanted) {
    case verbosity::quiet:
      return log_level::error;
    case verbosity::verbose:
      return log_level::debug;
    default:
      return log.level;
  }
}

/// The member of `kinds` with this name, or null.
bool* kind_named(retry_kinds& kinds, std::string_view name) {
  if (name == "missing")
    return &kinds.missing;
  if (name == "failed")
    return &kinds.failed;
  return name == "rejected" ? &kinds.rejected : nullptr;
}

/// Reads "missing,failed"; nullopt when a word is none of the kinds.
std::optional<retry_kinds> read_kinds(std::string_view text) {
  retry_kinds kinds;
  while (true) {
    auto comma = text.find(',');
    auto* kind = kind_named(kinds, text.substr(0, comma));
    if (kind == nullptr)
      return std::nullopt;
    *kind = true;
    if (comma == std::string_view::npos)
      return kinds;
    text.remove_prefix(comma + 1);
  }
}

std::string check_kinds(const std::string& text) {
  return read_kinds(text) ? std::string{}
                          : "'" + printable(text, 60)
                              + "' cannot be submitted again; write missing, "
                                "failed or rejected, or several with commas "
                                "between them";
}

/// Runs the job against the API or a rehearsal's, with its page if the config
/// wants one.
int start(settings config, const run_arguments& arguments) {
  std::unique_ptr<rehearsal> rehearsed;
  if (arguments.options.simulate) {
    auto started = rehearsal::start(config, arguments.speed);
    if (!started)
      return fail(started.error());
    rehearsed = std::move(*started);
  }
  std::unique_ptr<job_observer> observer;
  if (config.serve)
    observer = std::make_unique<served_job>();
  return run_job(std::move(config), arguments.options, std::move(observer));
}

int run(run_arguments& arguments) {
  if (auto kinds = read_kinds(arguments.retry))
    arguments.options.retry = *kinds;
  auto config = arguments.config.load_to_start(arguments.options.simulate);
  if (!config)
    return 1;
  // Before anything is made: a secret that is missing is found now, not when
  // the lists are imported and a sink first needs it.
  if (!arguments.options.simulate
      && print_findings(config::unusable_secrets(*config)))
    return 1;
  if (arguments.limit > 0)
    arguments.options.limit = arguments.limit;
  auto wanted = verbosity_of(arguments);
  arguments.options.output = output_style_for(wanted);
  auto json = config->log.as == log_settings::format::json
              || (config->log.as == log_settings::format::automatic
                  && ::isatty(STDERR_FILENO) != 1);
  configure_log(log_level_of(wanted, config->log), json,
                arguments.options.output.coloured);
  catch_interrupts();
  return start(std::move(*config), arguments);
}

} // namespace

void add_run(CLI::App& app, int& exit_code) {
  auto* command =
    app.add_subcommand("run", "Run a job, or continue it where it stopped");
  auto arguments = std::make_shared<run_arguments>();
  arguments->config.add_to(*command);
  auto& options = arguments->options;
  auto* simulate = command->add_flag(
    "--simulate", options.simulate,
    "Rehearse against an embedded API: no key, nothing spent, a temporary "
    "ledger, files to <path>.simulated, no webhook called");
  add_number(*command, "--speed", arguments->speed,
             "Divide all times of a rehearsal by this. The account's time "
             "is real, so a job would take as many times longer",
             number_range{1, 10'000})
    ->capture_default_str()
    ->needs(simulate);
  auto* again =
    command->add_flag("--again", options.again,
                      "Start a finished job anew; its ledger is kept, renamed. "
                      "An unfinished one goes on with the URLs it was begun "
                      "with, also when its lists have changed since");
  auto* discard = command->add_flag(
    "--discard-unfinished", options.discard_unfinished,
    "Leave an unfinished job and begin a new one: tells its "
    "open, unread and held runs with their credits, keeps its "
    "ledger, renamed, and does not ask");
  command
    ->add_option("--retry", arguments->retry,
                 "Submit the job's URLs of these kinds again, which buys them "
                 "again, then go on with the job; several with commas between "
                 "them. Tells how many, and how many credits they cost at "
                 "most")
    ->check(CLI::Validator{check_kinds, "{missing,failed,rejected}"})
    ->type_name("KINDS")
    ->excludes(simulate)
    ->excludes(again)
    ->excludes(discard);
  add_number(
    *command, "--limit", arguments->limit,
    "Submit so many URLs, finish them, and end with exit code 3; the "
    "next start goes on. Submitting a URL again, as runs.retry_missing "
    "says or because the API refused its batch, does not count",
    number_range{1, most_urls})
    ->type_name("URLS");
  command
    ->add_flag("--wait", options.wait,
               "Wait for another process that runs this job, instead of "
               "failing; then go on from where it stopped")
    ->excludes(simulate);
  auto* quiet = command->add_flag("-q,--quiet", arguments->quiet,
                                  "Show only errors and the account");
  command
    ->add_flag("-v,--verbose", arguments->verbose,
               "Log every step, a line each, and show no live line")
    ->excludes(quiet);
  command->footer(
    "Progress and logs go to standard error: on a terminal one live line, in\n"
    "colours unless NO_COLOR is set, else a log line each 30 s. Run the same\n"
    "command again to continue an interrupted job: nothing is paid for\n"
    "twice. Lists that have changed since it began are refused.\n\n"
    "Exit codes:\n"
    "  0  every URL has its captures\n"
    "  1  wrong usage or config, or lists that are wrong or have changed;\n"
    "     nothing was sent\n"
    "  2  the API refused the job (key, robot, credits)\n"
    "  3  finished, but URLs are missing, rejected, failed, held, set aside "
    "or\n"
    "     dead-lettered; or --limit or runs.max_credits ended it\n"
    "  4  interrupted or stopped; run again to continue\n"
    "  5  an error of this machine (disk full, ledger locked or damaged)\n\n"
    "Examples:\n"
    "  sluice run job.yaml --simulate\n"
    "  sluice run job.yaml --limit 20\n"
    "  EXTRALT_API_KEY=… sluice run job.yaml\n"
    "  sluice run job.yaml --set runs.max_concurrent=2\n"
    "  sluice run job.yaml --retry missing,failed");
  command->callback([=, &exit_code] { exit_code = run(*arguments); });
}

} // namespace sluice::cli

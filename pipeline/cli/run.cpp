#include "config/unusable_secrets.hpp"
#include "pipeline/cli/command.hpp"
#include "pipeline/cli/number_option.hpp"
#include "pipeline/interrupts.hpp"
#include "pipeline/job.hpp"
#include "pipeline/rehearsal/rehearsal.hpp"
#include "pipeline/serve/served_job.hpp"

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

/// The log level from the command line, else from the config.
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

/// Reads "missing,failed"; nullopt if a word is not one of the kinds.
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
  return read_kinds(text)
           ? std::string{}
           : "'" + printable(text, 60)
               + "' cannot be submitted again; write missing, failed or "
                 "rejected, or several of these separated by commas";
}

/// Runs the job, against the API or as a rehearsal. Serves the status page if
/// the config asks for it.
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
  // Before anything is created: finds a missing secret now, not after the
  // import, when a sink first needs it.
  if (!arguments.options.simulate
      && print_findings(config::unusable_secrets(*config)))
    return 1;
  if (arguments.limit > 0)
    arguments.options.limit = arguments.limit;
  auto wanted = verbosity_of(arguments);
  arguments.options.output = output_style_for(wanted);
  configure_log_as(config->log, log_level_of(wanted, config->log),
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
    "Rehearse against an embedded API: needs no key, spends nothing, uses a "
    "temporary ledger, writes files to <path>.simulated, calls no webhook");
  add_number(*command, "--speed", arguments->speed,
             "Divide all times of a rehearsal by this. The account shows real "
             "time, so the real job would take this many times longer",
             number_range{1, 10'000})
    ->capture_default_str()
    ->needs(simulate);
  auto* again =
    command->add_flag("--again", options.again,
                      "Start a finished job over; its old ledger is renamed "
                      "and kept. An unfinished job continues with the URLs it "
                      "began with, even if its lists have changed since");
  auto* discard =
    command->add_flag("--discard-unfinished", options.discard_unfinished,
                      "Abandon an unfinished job and begin a new one, without "
                      "asking: prints its open, unread and held runs with "
                      "their credits, and keeps its ledger under a new name");
  command
    ->add_option(
      "--retry", arguments->retry,
      "Submit the job's URLs of these kinds again, which buys them again, then "
      "continue the job; separate several kinds with commas. Prints how many "
      "there are, and the most credits they may cost")
    ->check(CLI::Validator{check_kinds, "{missing,failed,rejected}"})
    ->type_name("KINDS")
    ->excludes(simulate)
    ->excludes(again)
    ->excludes(discard);
  add_number(
    *command, "--limit", arguments->limit,
    "Submit this many URLs, finish them, and end with exit code 3; the next "
    "start continues. Resubmitted URLs do not count, whether resubmitted for "
    "runs.retry_missing or because the API refused their batch",
    number_range{1, most_urls})
    ->type_name("URLS");
  command
    ->add_flag("--wait", options.wait,
               "If another process runs this job, wait for it instead of "
               "failing; then continue where it stopped")
    ->excludes(simulate);
  auto* quiet = command->add_flag("-q,--quiet", arguments->quiet,
                                  "Show only errors and the account");
  command
    ->add_flag("-v,--verbose", arguments->verbose,
               "Log every step, one line each, and show no live line")
    ->excludes(quiet);
  command->footer(
    "Progress and logs go to standard error: a live line on a terminal, in\n"
    "colour unless NO_COLOR is set; otherwise a log line every 30 s. To\n"
    "continue an interrupted job, run the same command again: nothing is paid\n"
    "for twice. Lists that have changed since the job began are refused.\n\n"
    "Exit codes:\n"
    "  0  every URL has its captures\n"
    "  1  wrong usage or config, or lists that are invalid or have changed;\n"
    "     nothing was sent\n"
    "  2  the API refused the job (key, robot, credits)\n"
    "  3  finished, but URLs are missing, rejected, failed, held, set aside\n"
    "     or dead-lettered; or --limit or runs.max_credits ended it\n"
    "  4  interrupted or stopped; run again to continue\n"
    "  5  a local error (disk full, ledger locked or damaged)\n\n"
    "Examples:\n"
    "  sluice run job.yaml --simulate\n"
    "  sluice run job.yaml --limit 20\n"
    "  EXTRALT_API_KEY=… sluice run job.yaml\n"
    "  sluice run job.yaml --set runs.max_concurrent=2\n"
    "  sluice run job.yaml --retry missing,failed");
  command->callback([=, &exit_code] { exit_code = run(*arguments); });
}

} // namespace sluice::cli

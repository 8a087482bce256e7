#include "pipeline/cli/command.hpp"
#include "pipeline/interrupts.hpp"
#include "pipeline/load/load_job.hpp"

#include <memory>

namespace sluice::cli {

namespace {

struct load_arguments {
  config_arguments config;
  load_request request;
};

int load(load_arguments& arguments) {
  auto config = arguments.config.load(config::key_rule::optional);
  if (!config)
    return 1;
  auto& request = arguments.request;
  request.output = output_style_for(verbosity::normal);
  configure_log_as(config->log, config->log.level, request.output.coloured);
  catch_interrupts();
  request.goes_on = [] { return !interrupted(); };
  return run_load(*config, request);
}

} // namespace

void add_load(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
    "load", "Put captures from files into a sink, without buying anything");
  auto arguments = std::make_shared<load_arguments>();
  arguments->config.add_to(*command);
  command
    ->add_option("SINK", arguments->request.sink,
                 "The name of a sink in the config, e.g. webhook-0")
    ->required();
  command
    ->add_option("FILE", arguments->request.files,
                 "What a file sink wrote: one capture per line, uncompressed "
                 "or in gzip, zstd or lz4")
    ->type_name("FILE")
    ->required();
  command->footer(
    "Needs no key and sends the API nothing; the job may run meanwhile, and "
    "its\n"
    "ledger is not touched. The sink gets each capture as in a job: a file or "
    "a\n"
    "database exactly once, standard output and a webhook at least once.\n"
    "<ledger>.load-<sink> keeps how far the load is. To continue after an\n"
    "interruption, run the same command again; to load more, add files at the\n"
    "end.\n\n"
    "Exit codes:\n"
    "  0  the sink has every capture\n"
    "  1  wrong usage or config; a file that cannot be read; or a line that "
    "is\n"
    "     not a capture: what comes before it is loaded\n"
    "  3  loaded, but the sink did not accept some captures (dead letters)\n"
    "  4  interrupted or stopped, or a file ends within a line: run again to\n"
    "     continue\n"
    "  5  a local error: the sink, the disk, a file that has changed, another\n"
    "     load into the sink\n\n"
    "Examples:\n"
    "  sluice load job.yaml webhook-0 captures.jsonl\n"
    "  sluice load job.yaml webhook-0 may.jsonl.zst june.jsonl.zst");
  command->callback([=, &exit_code] { exit_code = load(*arguments); });
}

} // namespace sluice::cli

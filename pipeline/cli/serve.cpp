#include "core/base/log.hpp"
#include "core/ledger/ledger.hpp"
#include "pipeline/cli/command.hpp"
#include "pipeline/interrupts.hpp"
#include "pipeline/serve/status_server.hpp"

#include <chrono>
#include <memory>
#include <thread>

namespace sluice::cli {

namespace {

using namespace std::chrono_literals;

const serve_settings usual{"127.0.0.1", 9464};

int serve(const config_arguments& arguments) {
  auto config = arguments.load();
  if (!config)
    return 1;
  // An address set for this process is not repeated in printed commands.
  auto named = arguments;
  std::erase_if(named.overrides,
                [](auto& one) { return one.starts_with("serve="); });
  named.name_job_of(*config);
  // If there is no ledger to serve, say so here and not on the page.
  if (auto store = attach_ledger(config->ledger); !store)
    return fail(store.error());
  configure_log(log_level::off, false);
  catch_interrupts();
  auto where = config->serve.value_or(usual);
  auto server = status_server::start(where, std::move(*config), nullptr);
  if (!server)
    return fail(server.error());
  std::cerr << "The job's state is at " << (*server)->url()
            << " until you press Ctrl-C.\n";
  while (!interrupted())
    std::this_thread::sleep_for(100ms);
  return 0;
}

} // namespace

void add_serve(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
    "serve", "Serve the status page of a job that is not running");
  auto arguments = std::make_shared<config_arguments>();
  arguments->add_to(*command);
  command->footer(
    "Only reads the ledger: needs no key, sends no request. The page and\n"
    "/metrics are at the config's `serve` address, or at 127.0.0.1:9464 if it\n"
    "has none. While a job runs, `run` itself serves them and shows more.\n\n"
    "Examples:\n"
    "  sluice serve job.yaml\n"
    "  sluice serve job.yaml --set serve=127.0.0.1:8080");
  command->callback([=, &exit_code] { exit_code = serve(*arguments); });
}

} // namespace sluice::cli

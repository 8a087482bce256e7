#include "pipeline/cli/command.hpp"
#include "pipeline/cli/number_option.hpp"
#include "pipeline/interrupts.hpp"
#include "simulator/simulator.hpp"
#include "simulator/wire.hpp"

#include <chrono>
#include <iostream>
#include <memory>
#include <thread>

namespace sluice::cli {

namespace {

void add_api_options(CLI::App& command, simulator_options& options) {
  auto* group = command.add_option_group("API");
  group->add_option("--host", options.host, "Address to listen on")
    ->capture_default_str();
  add_number(*group, "--port", options.port,
             "Port to listen on; 0: any free port")
    ->capture_default_str();
  group->add_option("--key", options.key, "Accept only this key");
  group->add_option("--dialect", options.dialect, "The API's dialect")
    ->check(CLI::IsMember(words_in(sim::dialect_words)))
    ->capture_default_str();
  add_number(*group, "--speed", options.speed,
             "Divide all times and multiply the rate by this",
             number_range{1, 10'000})
    ->capture_default_str();
  group
    ->add_option("--list-runs", options.list_runs,
                 "Answer GET /runs with the newest 100 runs: their ids, or "
                 "also their URLs")
    ->check(CLI::IsMember(words_in(sim::runs_rule_words)))
    ->capture_default_str();
  group->add_option("--idempotency-header", options.idempotency_header,
                    "Header with an idempotency key: a submit that repeats a "
                    "key is answered with the run that the key created");
  add_number(*group, "--seed", options.seed,
             "Seed of all random numbers: the same seed gives the same faults")
    ->capture_default_str();
  add_number(*group, "--requests-per-minute", options.requests_per_minute,
             "Tokens added to the bucket per minute; 0: unlimited")
    ->capture_default_str();
  add_number(*group, "--burst", options.burst, "Tokens in a full bucket")
    ->capture_default_str();
  add_number(*group, "--retry-after", options.retry_after,
             "Seconds in the Retry-After header of a 429; 0: no header")
    ->capture_default_str();
  group->add_flag("--quota-headers", options.quota_headers,
                  "Report the bucket's level in X-RateLimit-* headers");
}

/// Seconds, at most a year.
constexpr number_range any_time{0, 31'536'000};

void add_run_options(CLI::App& command, simulator_options& options) {
  auto* group = command.add_option_group("Runs and captures");
  add_number(*group, "--max-concurrent", options.max_concurrent,
             "Runs processed at once; others are queued")
    ->capture_default_str();
  add_number(*group, "--run-seconds", options.run_seconds,
             "Mean duration of a run", any_time)
    ->capture_default_str();
  add_number(
    *group, "--run-spread", options.run_spread,
    "How far durations vary in both directions, as a share of the mean",
    number_range{0, 1})
    ->capture_default_str();
  add_number(*group, "--page-size", options.page_size, "Most captures per page")
    ->capture_default_str();
  add_number(*group, "--capture-bytes", options.capture_bytes,
             "Approximate size of a capture")
    ->capture_default_str();
  add_number(*group, "--captures-per-url", options.captures_per_url,
             "Captures per URL")
    ->capture_default_str();
  group->add_flag("!--no-progress", options.progress,
                  "Report no progress counters");
}

/// Shares from 0 to 1.
void add_fault_options(CLI::App& command, simulator_options& options) {
  auto* group = command.add_option_group("Faults (shares from 0 to 1)");
  auto share = [&](const char* name, double& value, const char* help) {
    add_number(*group, name, value, help, number_range{0, 1});
  };
  share("--missing", options.missing, "URLs without a capture");
  share("--extra", options.extra, "Captures for URLs never submitted");
  share("--failing", options.failing, "Runs that fail halfway");
  share(
    "--error-500", options.error_500,
    "Requests answered with 500; half of the submits still create their run");
  share("--error-503", options.error_503, "Requests answered with 503");
  share("--lost-reply", options.lost_reply,
        "Requests carried out, but the connection closed without a reply");
  share("--reset", options.reset,
        "Connections closed before the request is carried out");
  share("--truncate", options.truncate, "Reply bodies cut short");
  share("--html-error", options.html_error,
        "Requests answered with a proxy's HTML page for error 502");
  share("--late-captures", options.late_captures,
        "Runs whose last captures appear after `completed`");
  add_number(*group, "--late-seconds", options.late_seconds,
             "How long after `completed` they appear", any_time)
    ->capture_default_str();
  share("--unreadable", options.unreadable,
        "Runs whose last page is not JSON: NaN precedes its last capture");
  add_number(*group, "--unreadable-seconds", options.unreadable_seconds,
             "How long that page stays unreadable after its run has ended; 0: "
             "forever",
             any_time)
    ->capture_default_str();
  share("--overlap", options.overlap,
        "Pages that repeat the last capture of the page before");
  share("--expired-links", options.expired_links,
        "Signed download URLs that have already expired");
  share("--cut-frames", options.cut_frames,
        "Downloads whose LZ4 frame is cut short");
  group->add_option("--reject-containing", options.reject_containing,
                    "Answer 422 to a batch with a URL that contains this text");
}

/// At least 1 ms, as the config takes it.
std::string divided(duration interval, double speed) {
  auto ms = std::chrono::duration<double, std::milli>{interval}.count() / speed;
  return std::to_string(std::max(1, static_cast<int>(ms))) + "ms";
}

void advise_on_speed(const simulator_options& options) {
  std::cerr << "\nand divide the job's times by its speed:\n"
            << "  --set api.requests_per_minute="
            << options.requests_per_minute * options.speed;
  poll_settings{}.for_each_duration([&](auto key, duration usual) {
    std::cerr << " --set poll." << key << "=" << divided(usual, options.speed);
  });
}

int simulate(const simulator_options& options) {
  using namespace std::chrono_literals;
  simulator api{options};
  if (auto err = api.start()) {
    std::cerr << "sluice: " << what_of(err) << '\n';
    return exit_code_of(err);
  }
  catch_interrupts();
  std::cout << api.base_url() << std::endl;
  std::cerr << "A simulated API listens there; press Ctrl-C to end it. Point a "
               "job to it with\n  --set api.base_url="
            << api.base_url();
  if (options.speed != 1)
    advise_on_speed(options);
  std::cerr << std::endl;
  while (!interrupted())
    std::this_thread::sleep_for(50ms);
  api.stop();
  std::cerr << api.stats() << '\n';
  return 0;
}

} // namespace

void add_simulate(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
    "simulate", "Serve a local Extralt API to rehearse against");
  auto options = std::make_shared<simulator_options>();
  add_api_options(*command, *options);
  add_run_options(*command, *options);
  add_fault_options(*command, *options);
  command->footer(
    "Prints its base URL to standard output. GET /__stats reports what it "
    "saw;\n"
    "POST /__control {\"pause_seconds\": 10} pauses its replies.\n\n"
    "Examples:\n"
    "  sluice simulate --port 8080 --speed 60\n"
    "  sluice simulate --lost-reply 0.01 --error-500 0.01 --late-captures 0.1");
  command->callback([=, &exit_code] { exit_code = simulate(*options); });
}

} // namespace sluice::cli

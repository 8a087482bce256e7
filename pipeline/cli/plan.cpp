#include "core/base/units.hpp"
#include "core/base/url.hpp"
#include "core/flow/job_plan.hpp"
#include "core/input/host_counts.hpp"
#include "pipeline/cli/command.hpp"
#include "pipeline/cli/number_option.hpp"
#include "pipeline/interrupts.hpp"
#include "pipeline/outlook.hpp"
#include "pipeline/report/list_forms.hpp"
#include "pipeline/report/plan_text.hpp"

#include <iostream>
#include <memory>

namespace sluice::cli {

namespace {

struct plan_arguments {
  config_arguments config;
  std::string run_time = "60s";
  uint32_t page_size = 100;
};

/// Counts what an import would write to the ledger.
class plan_target final : public import_target {
public:
  caf::error add_batch(std::string_view robot,
                       const std::vector<std::string_view>& urls) override {
    urls_[std::string{robot}] += urls.size();
    for (auto& url : urls)
      hosts_.add(host_of(url), robot);
    return {};
  }

  caf::error add_invalid(const invalid_record& record) override {
    constexpr size_t most_shown = 5;
    if (invalid_.size() < most_shown)
      invalid_.push_back(record);
    return {};
  }

  [[nodiscard]] const urls_by_robot& urls() const { return urls_; }
  [[nodiscard]] const host_counts& hosts() const { return hosts_; }
  [[nodiscard]] const std::vector<invalid_record>& invalid() const {
    return invalid_;
  }

private:
  urls_by_robot urls_;
  host_counts hosts_; ///< counted per robot
  std::vector<invalid_record> invalid_;
};

plan_terms terms_of(const settings& config, const plan_arguments& arguments) {
  plan_terms terms;
  terms.urls_per_run = config.runs.urls_per_run;
  terms.max_concurrent = config.runs.max_concurrent;
  terms.requests_per_minute = config.api.requests_per_minute;
  terms.burst = config.api.burst;
  terms.page_size = arguments.page_size;
  terms.download = config.captures.download;
  terms.can_download = config.api.profile->download.has_value();
  if (auto time = parse_duration(arguments.run_time))
    terms.run_seconds = std::chrono::duration<double>{*time}.count();
  return terms;
}

int plan(const plan_arguments& arguments) {
  auto config = arguments.config.load_to_start();
  if (!config)
    return 1;
  catch_interrupts();
  import_job job;
  job.input = config->input;
  job.robots = config->runs.robots;
  job.urls_per_run = config->runs.urls_per_run;
  job.temp_dir = config->ledger.parent_path();
  job.progress = [](const import_counts&, double) { return !interrupted(); };
  list_forms forms;
  job.opened = [&](auto& list, auto& form) { forms.add(list, form); };
  plan_target found;
  auto counts = run_import(job, found);
  if (!counts)
    return fail(counts.error());
  std::cout << forms.text()
            << plan_text(*config, *counts, found.urls(), found.hosts(),
                         found.invalid(), terms_of(*config, arguments))
            << outlook_text(*config);
  return 0;
}

std::string check_duration(const std::string& text) {
  auto time = parse_duration(text);
  return time && time->count() > 0 ? "" : "write a time such as 90s or 5m";
}

} // namespace

void add_plan(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
    "plan", "Read the lists and print what the job will need; sends nothing");
  auto arguments = std::make_shared<plan_arguments>();
  arguments->config.add_to(*command);
  command
    ->add_option("--run-time", arguments->run_time,
                 "Assumed time of a full run")
    ->check(CLI::Validator{check_duration, "DURATION"})
    ->type_name("")
    ->capture_default_str();
  add_number(*command, "--page-size", arguments->page_size,
             "Assumed number of captures per page", number_range{1, 1'000'000})
    ->type_name("COUNT")
    ->capture_default_str();
  command->footer(
    "Prints the URLs, duplicates and invalid records, the requests by kind,\n"
    "the shortest time and what limits it, the most credits, the setting that\n"
    "would make the job faster, and what `run` would do. Needs no key; writes\n"
    "only temporary files.\n\n"
    "Examples:\n"
    "  sluice plan job.yaml\n"
    "  sluice plan job.yaml --run-time 3m --set runs.urls_per_run=500");
  command->callback([=, &exit_code] { exit_code = plan(*arguments); });
}

} // namespace sluice::cli

#include "bench/torture/job.hpp"

#include "tests/support/temp_folder.hpp"

#include <sstream>
#include <stdexcept>

namespace sluice::torture {

namespace {

constexpr const char* key = "sk-torture-0123456789";
constexpr const char* secret = "torture-secret";
constexpr const char* refused_part = "/refused/";

constexpr const char* key_header = "Idempotency-Key";

constexpr double speed = 100;
constexpr unsigned urls_per_run = 20;

/// How many URLs there are for each unusual record.
constexpr unsigned duplicate_every = 97;
constexpr unsigned invalid_every = 301;
constexpr unsigned refused_every = 701;

/// The API's times are divided by its speed, but the program's waits are not.
/// Faults are rare enough for a job to make progress.
simulator_options api_options(const job_options& given) {
  simulator_options options;
  options.seed = given.seed;
  options.key = key;
  options.speed = speed;
  // The program keeps to the profile's burst of 30. The rate is not under test
  // here, and a 429 would cost 15 s.
  options.burst = 120;
  options.run_seconds = 10;
  options.page_size = 7;
  options.capture_bytes = 600;
  options.missing = 0.03;
  options.extra = 0.06;
  options.failing = given.failing;
  options.reject_containing = refused_part;
  options.lost_reply = 0.01;
  options.reset = 0.01;
  options.error_500 = 0.01;
  options.error_503 = 0.01;
  options.truncate = 0.01;
  options.html_error = 0.01;
  options.late_captures = 0.1;
  options.late_seconds = 3;
  options.overlap = 0.2;
  options.expired_links = 0.1;
  options.cut_frames = 0.1;
  if (given.idempotent) {
    options.idempotency_header = key_header;
    options.lost_reply = given.lost_reply;
  }
  return options;
}

} // namespace

job::job(std::filesystem::path folder, const job_options& options)
    : folder_{std::move(folder)},
      options_{options},
      api_{api_options(options)},
      hook_{options.seed, secret},
      tables_{folder_} {
  if (auto err = api_.start())
    throw std::runtime_error(what_of(err));
  write_list();
  write_config();
}

void job::write_list() {
  std::ostringstream list;
  for (unsigned i = 0; i < options_.urls; ++i) {
    auto is_refused = i % refused_every == refused_every / 2;
    input_.urls.push_back("https://shop" + std::to_string(i % 7) + ".example"
                          + (is_refused ? refused_part : "/item/")
                          + std::to_string(i));
    input_.refused += is_refused ? 1 : 0;
    list << input_.urls.back() << '\n';
    if (i % duplicate_every == duplicate_every / 2) {
      list << input_.urls[i / 2] << '\n';
      ++input_.duplicates;
    }
    if (i % invalid_every == invalid_every / 2) {
      list << "no-url-" << i << '\n';
      ++input_.invalid;
    }
  }
  test::fill(folder_ / "urls.txt", list.str());
}

void job::write_config() const {
  std::ostringstream out;
  auto ms = [](double time) {
    return std::to_string(static_cast<int>(time / speed)) + "ms";
  };
  out << "name: torture\n"
      << "api:\n"
      << "  profile: " << (options_.idempotent ? "./once.yaml" : "extralt")
      << '\n'
      << "  base_url: " << api_.base_url() << '\n'
      << "  key: ${EXTRALT_API_KEY}\n"
      << "  requests_per_minute: " << static_cast<int>(120 * speed) << '\n'
      << "  timeout: 5s\n"
      << "input: {urls: [urls.txt]}\n"
      << "runs: {robot: rbt_torture, urls_per_run: " << urls_per_run
      << ", retry_missing: " << options_.retry_missing << "}\n"
      << "poll: {interval: " << ms(10'000) << ", min_interval: " << ms(2'000)
      << ", max_interval: " << ms(30'000) << "}\n"
      << "captures: {fetch: " << (options_.download ? "download" : "pages")
      << "}\n"
      << "sinks:\n"
      << "  - {type: file, name: plain, path: captures.jsonl}\n"
      << "  - {type: file, name: zstd, path: captures.jsonl.zst, "
         "compression: zstd}\n"
      << "  - {type: webhook, name: hook, url: \"" << hook_.url()
      << "\", secret: " << secret << ", batch: {captures: 5}, timeout: 5s}\n"
      << tables_.sinks();
  test::fill(folder_ / "job.yaml", out.str());
  if (options_.idempotent)
    test::fill(folder_ / "once.yaml",
               std::string{"extends: extralt\nsubmit: {idempotency: {header: "}
                 + key_header + ", valid_for: 24h}}\n");
}

test::program_input job::run_command(std::vector<std::string> more) const {
  return command("run", std::move(more));
}

test::program_input
job::command(const std::string& name, std::vector<std::string> more) const {
  test::program_input input;
  input.executable = options_.program;
  input.arguments = {name, (folder_ / "job.yaml").string()};
  input.arguments.insert(input.arguments.end(), more.begin(), more.end());
  input.environment = {{"EXTRALT_API_KEY", key},
                       {"XDG_STATE_HOME", (folder_ / "state").string()}};
  return input;
}

std::filesystem::path job::plain_file() const {
  return folder_ / "captures.jsonl";
}

std::filesystem::path job::zstd_file() const {
  return folder_ / "captures.jsonl.zst";
}

} // namespace sluice::torture

// The crash proof. The real program, with two files and a slow webhook, is
// ended repeatedly in the middle of a job, against an API with every kind of
// fault. Then everything is compared with what the API knows: no URL is paid
// for twice, no capture is lost or occurs twice in a file, and the account is
// correct. Prints figures and checks. Exits with 1 if a check failed.
//
//   bench_torture --kills 200
//   bench_torture --kills 100 --signal mix --restart-simulator --seed 7
//   bench_torture --crash-points    (a program with SLUICE_CRASH_POINTS)
//   bench_torture --kills 100 --fetch download
//   bench_torture --kills 100 --idempotent
//   bench_torture --disk-full       (mounts a small disk if permitted)

#include "bench/torture/checks.hpp"
#include "bench/torture/crash_points.hpp"
#include "bench/torture/disk_full.hpp"
#include "bench/torture/finish.hpp"
#include "bench/torture/killer.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <random>

using namespace sluice::torture;

namespace {

/// The exit code if the test cannot run here.
constexpr int exit_skipped = 77;

settings read_settings(int argc, char** argv) {
  settings result;
  std::random_device random;
  result.seed = random();
  CLI::App app{"Ends the program repeatedly and checks the results."};
  app.add_option("--kills", result.kills, "Signals to deliver")
    ->capture_default_str();
  app
    .add_option("--urls", result.urls,
                "URLs of the job, 0 for as many as the kills need")
    ->capture_default_str();
  app.add_option("--signal", result.with, "kill, term, or mix")
    ->transform(CLI::CheckedTransformer(
      std::map<std::string, signal_choice>{{"kill", signal_choice::kill},
                                           {"term", signal_choice::term},
                                           {"mix", signal_choice::mix}}));
  app.add_flag("--restart-simulator", result.restart_simulator,
               "Also restart the API at random moments");
  auto* points =
    app.add_flag("--crash-points", result.crash_points,
                 "Crash at every named point instead, one after another");
  app
    .add_option("--passes", result.passes,
                "The passes of a point at which to crash")
    ->delimiter(',')
    ->capture_default_str();
  app
    .add_flag("--disk-full", result.disk_full,
              "Fill the disk repeatedly instead")
    ->excludes(points);
  app.add_option("--fetch", result.download, "pages or download")
    ->transform(CLI::CheckedTransformer(
      std::map<std::string, bool>{{"pages", false}, {"download", true}}));
  app.add_flag("--idempotent", result.idempotent,
               "Send idempotency keys, which the API supports");
  app.add_option("--seed", result.seed, "The seed of all random choices");
  app.add_option("--program", result.program)->capture_default_str();
  app.add_flag("--keep", result.keep, "Keep the job's folder");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& err) {
    std::exit(app.exit(err));
  }
  return result;
}

/// The job's folder, removed at the end unless it should be kept.
class work_folder {
public:
  explicit work_folder(bool keep) : keep_{keep} {
    auto pattern =
      (std::filesystem::temp_directory_path() / "sluice-torture-XXXXXX")
        .string();
    if (::mkdtemp(pattern.data()) == nullptr)
      throw std::runtime_error("cannot create a temporary folder");
    path_ = pattern;
  }
  ~work_folder() {
    std::error_code ignored;
    if (keep_)
      std::printf("kept: %s\n", path_.c_str());
    else
      std::filesystem::remove_all(path_, ignored);
  }
  work_folder(const work_folder&) = delete;
  work_folder& operator=(const work_folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  bool keep_;
  std::filesystem::path path_;
};

/// The options of a job with `urls` URLs unless another number is given.
job_options options_for(const settings& wanted, unsigned urls) {
  job_options options;
  options.program = wanted.program;
  options.seed = wanted.seed;
  options.download = wanted.download;
  options.idempotent = wanted.idempotent;
  options.urls = wanted.urls > 0 ? wanted.urls : urls;
  return options;
}

void finish_and_check(job& subject, report& out) {
  if (auto account = finish(out, subject))
    check_finished_job(out, subject, *account);
}

void kill_at_random(const settings& wanted, report& out) {
  work_folder folder{wanted.keep};
  // Enough URLs that the job does not end before its last kill.
  job subject{folder.path(), options_for(wanted, 400 + 45 * wanted.kills)};
  if (killer{wanted, subject, out}.torment())
    finish_and_check(subject, out);
}

void crash_at_points(const settings& wanted,
                     const std::vector<std::string>& points, report& out) {
  work_folder folder{wanted.keep};
  auto options = options_for(
    wanted, 500 + 1'000 * static_cast<unsigned>(wanted.passes.size()));
  options.retry_missing = 1;
  options.failing = 0.2;
  options.lost_reply = 0.2; // every start has a submit to repeat
  job subject{folder.path(), options};
  if (crash_everywhere(subject, points, wanted.passes, out))
    finish_and_check(subject, out);
}

/// The small disk's contents are lost at the end, even with --keep.
void fill_small_disk(const settings& wanted, report& out) {
  work_folder folder{false};
  auto disk = make_small_disk(folder.path(), first_disk_size);
  job subject{folder.path(), options_for(wanted, 600)};
  if (fill_disk(*disk, subject, out))
    finish_and_check(subject, out);
}

/// False if the program does not support it.
bool torture(const settings& wanted, report& out) {
  if (wanted.disk_full) {
    fill_small_disk(wanted, out);
  } else if (wanted.crash_points) {
    auto points = crash_points_of(wanted.program);
    if (points.empty())
      return false;
    if (!wanted.idempotent) // nothing is repeated
      std::erase_if(points, [](const std::string& name) {
        return name.starts_with("repeat_");
      });
    crash_at_points(wanted, points, out);
  } else {
    kill_at_random(wanted, out);
  }
  return true;
}

std::string name_of(const settings& wanted) {
  if (wanted.disk_full)
    return "a disk that fills up repeatedly";
  if (wanted.crash_points)
    return "crashed at every named point";
  return "ended at " + std::to_string(wanted.kills) + " random moments";
}

} // namespace

int main(int argc, char** argv) {
  auto wanted = read_settings(argc, argv);
  std::printf("seed %llu\n", static_cast<unsigned long long>(wanted.seed));
  report out;
  auto start = std::chrono::steady_clock::now();
  try {
    if (!torture(wanted, out)) {
      std::puts("skipped: the program has no crash points. Build it with "
                "-DSLUICE_CRASH_POINTS=ON");
      return exit_skipped;
    }
  } catch (const std::exception& err) {
    out.check(err.what(), "", false);
  }
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  out.figure("seconds", std::to_string(took.count()).substr(0, 6));
  out.conclude(name_of(wanted));
  return out.failed() ? 1 : 0;
}

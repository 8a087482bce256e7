// Very many URLs in runs that have all ended: 33 runs of 10,000 URLs of 300
// bytes each, with an unlimited rate, against a simulator in a separate
// process. The URLs of a run are in memory while it is read.
//
//   bench_large_runs [ROUNDS] [FOLDER]
//
// The job is killed once all runs have ended, and continued. Prints the peak
// memory of the second process, which only reads, and how long after its start
// the runs are committed. Medians of ROUNDS (3) jobs.

#include "bench/figure.hpp"
#include "bench/processes.hpp"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace sluice;
using namespace sluice::bench;

namespace {

constexpr size_t runs = 33; // as many as are open or unread at a time
constexpr size_t urls_per_run = 10'000;
constexpr size_t url_bytes = 300;
constexpr double most_mib = 64;

void write_inputs(const std::filesystem::path& folder, uint16_t port) {
  std::ofstream list{folder / "urls.txt"};
  for (size_t i = 0; i < runs * urls_per_run; ++i) {
    auto url = "https://www.shop.example/" + std::to_string(i) + '/';
    list << url << std::string(url_bytes - url.size(), 'x') << '\n';
  }
  std::ofstream config{folder / "job.yaml"};
  config << "api: {base_url: \"http://127.0.0.1:" << port
         << "\", key: k, requests_per_minute: 0}\n"
         << "input: {urls: [urls.txt]}\n"
         << "runs: {robot: r, urls_per_run: " << urls_per_run << "}\n"
         << "poll: {interval: 50ms, min_interval: 50ms, max_interval: 50ms}\n"
         << "log: {level: debug, format: json}\n"
         << "sinks: [{type: \"null\"}]\n";
}

/// The text of a log line's member `name`; empty if the line has no such
/// member.
std::string member(const std::string& line, const std::string& name) {
  auto begin = line.find('"' + name + "\":\"");
  if (begin == std::string::npos)
    return {};
  begin += name.size() + 4;
  return line.substr(begin, line.find('"', begin) - begin);
}

constexpr double day = 86'400;

/// Seconds since midnight, UTC, of a time like 2026-01-31T23:59:59.123+01:00.
double seconds_of(const std::string& time) {
  auto number = [&](size_t at, size_t size) {
    return std::stod(time.substr(at, size));
  };
  auto offset = number(24, 2) * 3600 + number(27, 2) * 60;
  return number(11, 2) * 3600 + number(14, 2) * 60 + number(17, 6)
         - (time[23] == '-' ? -offset : offset);
}

double seconds_now() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::fmod(std::chrono::duration<double>(now).count(), day);
}

using waits = std::vector<double>;

/// The seconds from `begin` to each event of this name.
waits waits_in(const std::filesystem::path& log, const std::string& event,
               double begin = 0) {
  waits found;
  std::ifstream in{log};
  for (std::string line; std::getline(in, line);)
    if (member(line, "event") == event)
      found.push_back(
        std::fmod(seconds_of(member(line, "time")) - begin + 2 * day, day));
  return found;
}

/// Runs the job until all runs have ended. Few are read by then.
void end_runs(const std::filesystem::path& folder) {
  auto log = folder / "first.log";
  auto pid = start_program(folder, log);
  while (waits_in(log, "run_ended").size() < runs)
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  ::kill(pid, SIGKILL);
  wait_for(pid);
}

struct outcome {
  double mib = 0;
  double first = 0; ///< the shortest of the waits
  double half = 0;  ///< their median
  double last = 0;
};

std::optional<outcome> run_job(const std::filesystem::path& parent) {
  simulator_options options;
  options.requests_per_minute = 0;
  options.run_seconds = 0;
  work_folder folder{parent};
  api_process api{options};
  write_inputs(folder.path(), api.port());
  end_runs(folder.path());
  auto log = folder.path() / "log";
  auto begin = seconds_now();
  auto result = wait_for(start_program(folder.path(), log));
  auto committed = waits_in(log, "run_committed", begin);
  if (result.status != 0 || committed.empty())
    return std::nullopt;
  outcome found{static_cast<double>(result.peak_kib) / 1024, committed.front(),
                median(committed), committed.back()};
  std::printf("%.1f MiB; %zu runs committed: the first after %.2f s, half "
              "after %.2f s, all after %.2f s\n",
              found.mib, committed.size(), found.first, found.half, found.last);
  return found;
}

} // namespace

int main(int argc, char** argv) {
  auto rounds = argc > 1 ? std::stoi(argv[1]) : 3;
  auto parent =
    argc > 2 ? argv[2] : std::filesystem::temp_directory_path().string();
  std::vector<double> mib, first, half, last;
  for (auto round = 0; round < rounds; ++round) {
    auto found = run_job(parent);
    if (!found)
      return figure("33 runs of 10,000 URLs", "the job failed", "", false);
    mib.push_back(found->mib);
    first.push_back(found->first);
    half.push_back(found->half);
    last.push_back(found->last);
  }
  auto of_runs = std::string{"33 ended runs of 10,000 URLs of 300 bytes"};
  auto peak = median(mib);
  auto good = figure("peak memory, " + of_runs, text_of("%.1f MiB", peak),
                     text_of("<= %.0f MiB", most_mib), peak <= most_mib);
  figure("until the commit of " + of_runs,
         text_of("first %.2f s, half %.2f s, all %.2f s", median(first),
                 median(half), median(last)));
  return good ? 0 : 1;
}

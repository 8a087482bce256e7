// Memory does not grow with the job: whole jobs of very different sizes with an
// unlimited rate, against a simulator in a separate process. Then pages of 100
// and of 10,000 captures, runs of very many URLs, downloads of 1 GB, and a sink
// that is slower than the API.
//
//   bench_memory [--full] [FOLDER]
//
// Prints the peak memory of the program. The jobs have 10,000 and 200,000 URLs.
// With --full they have 10,000, 1,000,000 and 10,000,000, and the simulator's
// memory for the largest one is measured too.

#include "bench/figure.hpp"
#include "bench/processes.hpp"

#include <httplib.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <limits>
#include <thread>

using namespace sluice;
using namespace sluice::bench;

namespace {

constexpr double most_mib = 64;
constexpr double most_growth = 1.1;
constexpr double most_simulator_mib = 100;

struct load {
  std::string name;
  size_t urls = 0;
  uint32_t page_size = 100;
  uint32_t capture_bytes = 200;
  uint32_t urls_per_run = 100;
  uint32_t captures_per_url = 1;
  std::string sink = "{type: \"null\"}";
  std::string fetch = "pages";
  bool has_goal = true;
};

/// A webhook receiver in a separate process that delays each reply.
class slow_receiver {
public:
  static constexpr std::chrono::milliseconds pause{20};

  slow_receiver() {
    int port = server_.bind_to_any_port("127.0.0.1");
    port_ = static_cast<uint16_t>(port);
    pid_ = ::fork();
    if (pid_ == 0)
      serve();
  }
  ~slow_receiver() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  slow_receiver(const slow_receiver&) = delete;
  slow_receiver& operator=(const slow_receiver&) = delete;

  [[nodiscard]] std::string sink() const {
    return "{type: webhook, url: \"http://127.0.0.1:" + std::to_string(port_)
           + "/\"}";
  }

private:
  [[noreturn]] void serve() {
    server_.set_keep_alive_max_count(std::numeric_limits<size_t>::max());
    server_.Post("/", [](const httplib::Request&, httplib::Response&) {
      std::this_thread::sleep_for(pause);
    });
    server_.listen_after_bind();
    std::_Exit(1);
  }

  httplib::Server server_;
  uint16_t port_ = 0;
  pid_t pid_ = -1;
};

void write_inputs(const std::filesystem::path& folder, const load& job,
                  uint16_t port) {
  std::ofstream list{folder / "urls.txt"};
  for (size_t i = 0; i < job.urls; ++i)
    list << "https://www.shop.example/catalogue/item/" << i << '\n';
  std::ofstream config{folder / "job.yaml"};
  config << "api: {base_url: \"http://127.0.0.1:" << port
         << "\", key: k, requests_per_minute: 0}\n"
         << "input: {urls: [urls.txt]}\n"
         << "runs: {robot: r, urls_per_run: " << job.urls_per_run << "}\n"
         << "poll: {interval: 5ms, min_interval: 5ms, max_interval: 5ms}\n"
         << "captures: {fetch: " << job.fetch << "}\n"
         << "sinks: [" << job.sink << "]\n";
}

struct peaks {
  child_result program;
  long simulator_kib = 0;
};

peaks run(const std::filesystem::path& parent, const load& job) {
  simulator_options options;
  options.requests_per_minute = 0;
  options.run_seconds = 0;
  options.page_size = job.page_size;
  options.capture_bytes = job.capture_bytes;
  options.captures_per_url = job.captures_per_url;
  work_folder folder{parent};
  api_process api{options};
  write_inputs(folder.path(), job, api.port());
  peaks result;
  result.program = run_program(folder.path());
  result.simulator_kib = api.peak_kib();
  return result;
}

class judge {
public:
  explicit judge(std::filesystem::path parent) : parent_{std::move(parent)} {}

  /// Runs the job, prints its peak memory and returns it in MiB.
  double peak(const load& job) {
    auto found = run(parent_, job);
    auto& result = found.program;
    simulator_mib_ = static_cast<double>(found.simulator_kib) / 1024;
    auto mib = static_cast<double>(result.peak_kib) / 1024;
    auto name = "peak memory, " + job.name;
    std::printf("%s: %.1f s\n", name.c_str(), result.wall);
    auto value = text_of("%.1f MiB", mib);
    if (result.status != 0)
      note(figure(name, "the job failed", "", false));
    else if (job.has_goal)
      note(
        figure(name, value, text_of("<= %.0f MiB", most_mib), mib <= most_mib));
    else
      figure(name, value);
    return mib;
  }

  void growth(double large, double small) {
    note(figure("largest job over smallest", text_of("%.2f", large / small),
                text_of("<= %.1f", most_growth), large <= small * most_growth));
  }

  /// Prints the simulator's peak memory during the last job.
  void simulator_peak(const std::string& name) {
    note(figure("peak memory of the simulator, " + name,
                text_of("%.1f MiB", simulator_mib_),
                text_of("<= %.0f MiB", most_simulator_mib),
                simulator_mib_ <= most_simulator_mib));
  }

  [[nodiscard]] bool is_good() const { return is_good_; }

private:
  void note(bool holds) { is_good_ = is_good_ && holds; }

  std::filesystem::path parent_;
  double simulator_mib_ = 0;
  bool is_good_ = true;
};

void measure_sizes(judge& found, bool full) {
  auto small = found.peak({"10,000 URLs", 10'000});
  if (!full)
    return found.growth(found.peak({"200,000 URLs", 200'000}), small);
  found.peak({"1,000,000 URLs", 1'000'000});
  found.growth(found.peak({"10,000,000 URLs", 10'000'000}), small);
  found.simulator_peak("10,000,000 URLs");
}

/// The usual runs of 100 URLs, but with 10,000 captures each.
load many_captures(std::string name, size_t captures, uint32_t bytes) {
  load job{std::move(name), captures / 100};
  job.captures_per_url = 100;
  job.capture_bytes = bytes;
  return job;
}

void measure_pages(judge& found) {
  found.peak(many_captures("pages of 100 captures of 600 bytes", 400'000, 600));
  auto large =
    many_captures("pages of 10,000 captures of 600 bytes", 400'000, 600);
  large.page_size = 10'000;
  large.has_goal = false;
  found.peak(large);
}

/// The URLs of a run are in memory while its captures are read.
void measure_large_runs(judge& found) {
  load job{"runs of 10,000 URLs", 400'000};
  job.urls_per_run = 10'000;
  job.has_goal = false;
  found.peak(job);
}

/// Runs of 100 URLs with 50,000 captures of 20 KB.
void measure_downloads(judge& found) {
  load job{"three downloads of 1 GB at once", 300};
  job.capture_bytes = 20'000;
  job.captures_per_url = 500;
  job.fetch = "download";
  found.peak(job);
}

void measure_slow_sink(judge& found) {
  slow_receiver receiver;
  auto job = many_captures("webhook that takes 20 ms for 100 captures of 2 KB",
                           50'000, 2'000);
  job.sink = receiver.sink();
  found.peak(job);
}

} // namespace

int main(int argc, char** argv) {
  auto full = argc > 1 && std::strcmp(argv[1], "--full") == 0;
  auto rest = full ? 2 : 1;
  judge found{argc > rest ? argv[rest]
                          : std::filesystem::temp_directory_path()};
  measure_sizes(found, full);
  measure_pages(found);
  measure_large_runs(found);
  measure_downloads(found);
  measure_slow_sink(found);
  return found.is_good() ? 0 : 1;
}

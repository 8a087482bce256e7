// How fast captures flow when nothing limits the rate: the real program, with
// its ledger and a file sink, against a simulator in a process of its own on
// the same machine.
//
//   bench_throughput [URLS] [FOLDER]
//
// Prints captures/s, MB/s, CPU seconds per 100,000 captures and peak memory of
// the program alone. FOLDER (default: the system's temporary one) holds the
// files; its disk's fsync is part of the figure.

#include "simulator/simulator.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

using clock_type = std::chrono::steady_clock;

constexpr uint32_t capture_bytes = 2'000;
constexpr uint32_t page_size = 100;
constexpr uint32_t urls_per_run = 1'000;

struct child_result {
  double wall = 0; ///< seconds
  double cpu = 0;  ///< seconds, user and system
  long peak_kib = 0;
  int status = 0;
};

/// A simulator in a process of its own, so that its work is not counted.
class api_process {
public:
  api_process() {
    int ends[2];
    if (::pipe(ends) != 0)
      std::abort();
    pid_ = ::fork();
    if (pid_ == 0)
      serve(ends[1]);
    ::close(ends[1]);
    if (::read(ends[0], &port_, sizeof port_) != sizeof port_)
      std::abort();
    ::close(ends[0]);
  }

  ~api_process() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  api_process(const api_process&) = delete;
  api_process& operator=(const api_process&) = delete;

  [[nodiscard]] uint16_t port() const { return port_; }

private:
  [[noreturn]] static void serve(int out) {
    sluice::simulator_options options;
    options.requests_per_minute = 0;
    options.run_seconds = 0;
    options.page_size = page_size;
    options.capture_bytes = capture_bytes;
    sluice::simulator api{options};
    if (api.start())
      std::_Exit(1);
    auto port = api.port();
    if (::write(out, &port, sizeof port) != sizeof port)
      std::_Exit(1);
    for (;;)
      ::pause();
  }

  pid_t pid_ = -1;
  uint16_t port_ = 0;
};

void write_inputs(const std::filesystem::path& folder, size_t urls,
                  uint16_t port) {
  std::ofstream list{folder / "urls.txt"};
  for (size_t i = 0; i < urls; ++i)
    list << "https://shop.example/item/" << i << '\n';
  std::ofstream config{folder / "job.yaml"};
  config << "api: {base_url: \"http://127.0.0.1:" << port
         << "\", key: k, requests_per_minute: 0}\n"
         << "input: {urls: [urls.txt], deduplicate: false}\n"
         << "runs: {robot: r, urls_per_run: " << urls_per_run << "}\n"
         << "poll: {interval: 5ms, min_interval: 5ms, max_interval: 5ms}\n"
         << "sinks: [{type: file, path: captures.jsonl}]\n";
}

child_result run_program(const std::filesystem::path& folder) {
  auto start = clock_type::now();
  auto pid = ::fork();
  if (pid == 0) {
    auto null = ::open("/dev/null", O_WRONLY);
    ::dup2(null, STDERR_FILENO);
    ::setenv("XDG_STATE_HOME", folder.c_str(), 1);
    ::execl(SLUICE_PROGRAM, "sluice", "run", (folder / "job.yaml").c_str(),
            "--quiet", nullptr);
    std::_Exit(127);
  }
  child_result result;
  rusage used{};
  ::wait4(pid, &result.status, 0, &used);
  auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec)
           + static_cast<double>(time.tv_usec) / 1e6;
  };
  result.wall =
    std::chrono::duration<double>(clock_type::now() - start).count();
  result.cpu = seconds(used.ru_utime) + seconds(used.ru_stime);
  result.peak_kib = used.ru_maxrss;
  return result;
}

} // namespace

int main(int argc, char** argv) {
  size_t urls = argc > 1 ? std::stoul(argv[1]) : 200'000;
  auto pattern =
    (std::filesystem::path{
       argc > 2 ? argv[2] : std::filesystem::temp_directory_path().string()}
     / "sluice-bench-XXXXXX")
      .string();
  if (::mkdtemp(pattern.data()) == nullptr)
    return 1;
  std::filesystem::path folder{pattern};
  child_result result;
  {
    api_process api;
    write_inputs(folder, urls, api.port());
    result = run_program(folder);
  }
  auto bytes =
    static_cast<double>(std::filesystem::file_size(folder / "captures.jsonl"));
  std::filesystem::remove_all(folder);
  auto captures = static_cast<double>(urls);
  std::printf("%zu captures of %.0f bytes, %u per page, exit status %d\n", urls,
              bytes / captures, page_size, WEXITSTATUS(result.status));
  std::printf("captures/s            %12.0f   (goal: 100,000)\n",
              captures / result.wall);
  std::printf("MB/s                  %12.1f\n", bytes / 1e6 / result.wall);
  std::printf("CPU s/100,000         %12.3f\n", result.cpu * 1e5 / captures);
  std::printf("peak memory, MiB      %12.1f   (goal: 64)\n",
              static_cast<double>(result.peak_kib) / 1024);
  return result.status == 0 ? 0 : 1;
}

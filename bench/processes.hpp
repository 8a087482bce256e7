// Shared by the benchmarks that run the whole program: the API in a separate
// process, so that its work is not counted, and the program as a child whose
// time and memory are counted.

#pragma once

#include "simulator/simulator.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace sluice::bench {

struct child_result {
  double wall = 0; ///< seconds
  double cpu = 0;  ///< seconds, user and system
  double system = 0;
  long switches = 0; ///< context switches because a thread waited
  long peak_kib = 0;
  double written_mib = 0; ///< into files on disk
  int status = 0;
};

/// A simulator in a separate process, so that its work is not counted.
class api_process {
public:
  explicit api_process(const simulator_options& options) {
    int ends[2];
    if (::pipe(ends) != 0)
      std::abort();
    pid_ = ::fork();
    if (pid_ == 0)
      serve(options, ends[1]);
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

  /// The most memory that it has used so far; 0 if unknown.
  [[nodiscard]] long peak_kib() const {
    std::ifstream in{"/proc/" + std::to_string(pid_) + "/status"};
    for (std::string word; in >> word;)
      if (long kib = 0; word == "VmHWM:" && in >> kib)
        return kib;
    return 0;
  }

private:
  [[noreturn]] static void serve(const simulator_options& options, int out) {
    ::mallopt(M_ARENA_MAX, 2); // as in the program
    simulator api{options};
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

/// A folder that is removed at the end.
class work_folder {
public:
  explicit work_folder(const std::filesystem::path& parent) {
    auto pattern = (parent / "sluice-bench-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
      std::abort();
    path_ = pattern;
  }
  ~work_folder() { std::filesystem::remove_all(path_); }
  work_folder(const work_folder&) = delete;
  work_folder& operator=(const work_folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

/// Waits for a child of this process.
inline child_result wait_for(pid_t pid) {
  auto start = std::chrono::steady_clock::now();
  child_result result;
  rusage used{};
  ::wait4(pid, &result.status, 0, &used);
  auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec)
           + static_cast<double>(time.tv_usec) / 1e6;
  };
  result.wall =
    std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
  result.system = seconds(used.ru_stime);
  result.cpu = seconds(used.ru_utime) + result.system;
  result.switches = used.ru_nvcsw;
  result.peak_kib = used.ru_maxrss;
  result.written_mib = static_cast<double>(used.ru_oublock) * 512 / (1 << 20);
  return result;
}

/// Starts the job in `folder`/job.yaml. It is quiet unless its log is wanted in
/// the file `log`.
inline pid_t start_program(const std::filesystem::path& folder,
                           const std::filesystem::path& log = {}) {
  auto pid = ::fork();
  if (pid == 0) {
    auto out = log.empty() ? ::open("/dev/null", O_WRONLY)
                           : ::open(log.c_str(), O_WRONLY | O_CREAT, 0600);
    ::dup2(out, STDERR_FILENO);
    ::setenv("XDG_STATE_HOME", folder.c_str(), 1);
    const char* quiet = log.empty() ? "--quiet" : nullptr;
    ::execl(SLUICE_PROGRAM, "sluice", "run", (folder / "job.yaml").c_str(),
            quiet, nullptr);
    std::_Exit(127);
  }
  return pid;
}

/// Runs the job to its end.
inline child_result run_program(const std::filesystem::path& folder) {
  return wait_for(start_program(folder));
}

} // namespace sluice::bench

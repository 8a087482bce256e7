// The CPU time of a job against a server that answers 100 pages a second: most
// APIs are slower than the program, so its threads sleep between two pages.
// The real program with its ledger and a file sink; the simulator is a separate
// process.
//
//   bench_paced
//   bench_paced --program OLD/sluice --program NEW/sluice   (compares builds)
//   bench_paced --node ../../../bench/node_client.mjs       (needs node)
//   bench_paced --calls    (system calls per page; needs strace)
//
// Each round measures every client once on a quiet machine and once while the
// other cores are kept busy. Prints medians, and the median of each round's
// ratio to the first client.

#include "bench/figure.hpp"
#include "bench/paced_api.hpp"
#include "bench/paged_job.hpp"
#include "bench/processes.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

using namespace sluice;
using namespace sluice::bench;

namespace {

constexpr uint32_t page_size = 100;

struct settings {
  size_t captures = 100'000;
  int rounds = 3;
  double pages_per_second = 100;
  std::vector<std::string> programs;
  std::string node;
  std::filesystem::path folder = std::filesystem::temp_directory_path();
  bool calls = false;
};

settings read_settings(int argc, char** argv) {
  settings result;
  CLI::App app{"Measures the CPU time of a job that waits for its pages."};
  app.add_option("--captures", result.captures, "In the whole job")
    ->capture_default_str();
  app.add_option("--rounds", result.rounds)->capture_default_str();
  app.add_option("--pages-per-second", result.pages_per_second)
    ->capture_default_str();
  app.add_option("--program", result.programs, "A build of sluice; repeatable");
  app.add_option("--node", result.node, "Also measure this Node client");
  app.add_option("--folder", result.folder, "For the files of the job")
    ->capture_default_str();
  app.add_flag("--calls", result.calls,
               "Count system calls with strace instead");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    std::exit(app.exit(e));
  }
  if (result.programs.empty())
    result.programs.emplace_back(SLUICE_PROGRAM);
  result.captures -= result.captures % urls_per_run;
  return result;
}

simulator_options api_options() {
  simulator_options options;
  options.requests_per_minute = 0;
  options.run_seconds = 0;
  options.page_size = page_size;
  options.capture_bytes = 2'000;
  return options;
}

/// Keeps all cores but one busy.
class crowding {
public:
  crowding() {
    auto cores = std::max(std::thread::hardware_concurrency(), 2U);
    for (unsigned i = 1; i < cores; ++i)
      spinners_.push_back(start());
  }
  ~crowding() {
    for (auto pid : spinners_) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
    }
  }
  crowding(const crowding&) = delete;
  crowding& operator=(const crowding&) = delete;

private:
  static pid_t start() {
    auto pid = ::fork();
    if (pid == 0)
      for (volatile unsigned turns = 0;;)
        turns = turns + 1;
    return pid;
  }

  std::vector<pid_t> spinners_;
};

// -- the clients --------------------------------------------------------------

using command = std::vector<std::string>;

struct client {
  std::string name;
  command run; ///< in the folder of the job
};

std::vector<client> clients_of(const settings& chosen, uint16_t port) {
  std::vector<client> result;
  for (auto& program : chosen.programs) {
    auto name = chosen.programs.size() == 1 ? "a job" : program;
    auto path = std::filesystem::absolute(program).string();
    result.push_back({name, {path, "run", "job.yaml", "--quiet"}});
  }
  if (!chosen.node.empty())
    result.push_back({"the Node client",
                      {"node", std::filesystem::absolute(chosen.node).string(),
                       "http://127.0.0.1:" + std::to_string(port), "urls.txt",
                       "captures.jsonl"}});
  return result;
}

[[noreturn]] void
become(const command& given, const std::filesystem::path& folder) {
  auto null = ::open("/dev/null", O_WRONLY);
  ::dup2(null, STDERR_FILENO);
  ::setenv("XDG_STATE_HOME", folder.c_str(), 1);
  std::filesystem::current_path(folder);
  std::vector<char*> words;
  for (auto& word : given)
    words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execvp(words[0], words.data());
  std::_Exit(127);
}

size_t count_lines(const std::filesystem::path& file) {
  std::ifstream in{file};
  return static_cast<size_t>(std::count(std::istreambuf_iterator<char>{in},
                                        std::istreambuf_iterator<char>{},
                                        '\n'));
}

/// Runs a new job in `folder`.
child_result run_in(const std::filesystem::path& folder, const command& given,
                    size_t captures, uint16_t port) {
  write_paged_job(folder, captures, port, "100ms");
  auto pid = ::fork();
  if (pid == 0)
    become(given, folder);
  auto result = wait_for(pid);
  if (result.status != 0
      || count_lines(folder / "captures.jsonl") != captures) {
    std::fprintf(stderr, "the job failed: %s\n", given[0].c_str());
    std::exit(1);
  }
  return result;
}

// -- CPU time -----------------------------------------------------------------

/// The results of each round.
struct series {
  std::vector<double> cpu; ///< seconds for 100,000 captures
  std::vector<double> system;
  std::vector<double> switches; ///< per page
  std::vector<double> peak_mib;

  void add(const child_result& result, size_t captures) {
    auto scale = 1e5 / static_cast<double>(captures);
    auto pages = static_cast<double>(captures) / page_size;
    cpu.push_back(result.cpu * scale);
    system.push_back(result.system * scale);
    switches.push_back(static_cast<double>(result.switches) / pages);
    peak_mib.push_back(static_cast<double>(result.peak_kib) / 1024);
  }
};

/// The median of the ratios of each round, as the end of a sentence; "" for the
/// first client itself.
std::string ratio(const series& found, const series& first) {
  if (&found == &first)
    return {};
  std::vector<double> ratios;
  for (size_t i = 0; i < found.cpu.size(); ++i)
    ratios.push_back(found.cpu[i] / first.cpu[i]);
  return text_of("; %.2f of the first", median(ratios));
}

void print(const std::string& what, const series& found, const series& first) {
  auto text =
    text_of("%.2f CPU s per 100,000 captures, %.2f of them in the system; %.1f "
            "context switches a page; %.1f MiB",
            median(found.cpu), median(found.system), median(found.switches),
            median(found.peak_mib));
  figure(what, text + ratio(found, first));
}

void measure(const settings& chosen, const paced_api_process& api) {
  auto clients = clients_of(chosen, api.port());
  std::vector<series> quiet(clients.size());
  std::vector<series> busy(clients.size());
  auto add = [&](std::vector<series>& to) {
    for (size_t i = 0; i < clients.size(); ++i) {
      work_folder folder{chosen.folder};
      to[i].add(
        run_in(folder.path(), clients[i].run, chosen.captures, api.port()),
        chosen.captures);
    }
  };
  for (auto round = 0; round < chosen.rounds; ++round) {
    add(quiet);
    crowding others;
    add(busy);
  }
  for (size_t i = 0; i < clients.size(); ++i) {
    auto name = clients[i].name
                + text_of(" at %.0f pages a second, ", chosen.pages_per_second);
    print(name + "quiet machine", quiet[i], quiet[0]);
    print(name + "other cores busy", busy[i], busy[0]);
  }
}

// -- system calls -------------------------------------------------------------

/// Prints strace's table, with the calls per page.
void print_calls(const std::filesystem::path& table, double pages) {
  std::ifstream lines{table};
  double share = 0;
  double seconds = 0;
  double each = 0;
  double calls = 0;
  std::string name;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    if (!(words >> share >> seconds >> each >> calls >> name))
      continue;
    // The column of errors may be empty.
    if (std::string word; words >> word)
      name = word;
    if (calls / pages >= 0.05)
      std::printf("  %8.2f %s\n", calls / pages, name.c_str());
  }
}

void count_calls(const settings& chosen, const paced_api_process& api) {
  for (auto& client : clients_of(chosen, api.port())) {
    work_folder folder{chosen.folder};
    command traced{"strace", "-f", "-c", "-S", "calls", "-o", "calls"};
    traced.insert(traced.end(), client.run.begin(), client.run.end());
    run_in(folder.path(), traced, chosen.captures, api.port());
    std::printf("system calls per page, %s:\n", client.name.c_str());
    print_calls(folder.path() / "calls",
                static_cast<double>(chosen.captures) / page_size);
  }
}

} // namespace

int main(int argc, char** argv) {
  auto chosen = read_settings(argc, argv);
  paced_api_process api{api_options(), chosen.pages_per_second};
  if (chosen.calls)
    count_calls(chosen, api);
  else
    measure(chosen, api);
}

// Startup times: `--version`, and from the program's start to its first request
// with a new list of 10,000 URLs.
//
//   bench_startup [ROUNDS]
//
// Prints medians of ROUNDS (21). The first request counts when its first byte
// reaches a local server. The program is then killed.

#include "bench/figure.hpp"
#include "bench/first_request.hpp"
#include "bench/processes.hpp"

#include <fstream>

using namespace sluice;
using namespace sluice::bench;

namespace {

constexpr size_t urls = 10'000;

double version_ms() {
  auto begin = clock::now();
  auto pid = ::fork();
  if (pid == 0) {
    ::dup2(::open("/dev/null", O_WRONLY), STDOUT_FILENO);
    ::execl(SLUICE_PROGRAM, "sluice", "--version", nullptr);
    std::_Exit(127);
  }
  if (wait_for(pid).status != 0)
    std::abort();
  return ms_since(begin);
}

void write_inputs(const std::filesystem::path& folder, uint16_t port) {
  std::ofstream list{folder / "urls.txt"};
  for (size_t i = 0; i < urls; ++i)
    list << "https://www.shop.example/catalogue/item/" << i << '\n';
  std::ofstream config{folder / "job.yaml"};
  config << "api: {base_url: \"http://127.0.0.1:" << port << "\", key: k}\n"
         << "input: {urls: [urls.txt]}\n"
         << "runs: {robot: r}\n"
         << "sinks: [{type: file, path: captures.jsonl}]\n";
}

double first_request_ms() {
  listener server;
  work_folder folder{std::filesystem::temp_directory_path()};
  write_inputs(folder.path(), server.port());
  auto begin = clock::now();
  auto pid = start_program(folder.path());
  server.await_request();
  auto took = ms_since(begin);
  ::kill(pid, SIGKILL);
  wait_for(pid);
  return took;
}

template <class Measure>
double median_of(int rounds, Measure measure) {
  std::vector<double> values;
  for (auto i = 0; i < rounds; ++i)
    values.push_back(measure());
  return median(values);
}

} // namespace

int main(int argc, char** argv) {
  auto rounds = argc > 1 ? std::stoi(argv[1]) : 21;
  auto version = median_of(rounds, version_ms);
  auto first = median_of(rounds, first_request_ms);
  auto good = figure("`sluice --version`", text_of("%.1f ms", version),
                     "<= 20 ms", version <= 20);
  good &= figure("from the start to the first request, 10,000 URLs",
                 text_of("%.0f ms", first), "<= 100 ms", first <= 100);
  return good ? 0 : 1;
}

// How clients of the status page affect a job: the real program against a
// simulator in a separate process, with and without 64 watching pages, 200
// clients that send a request very slowly and one that polls /healthz.
//
//   bench_served [URLS [ROUNDS]]
//
// Each round (5) runs both jobs one after the other, so that other load on the
// machine affects them alike. The crowd runs on the same machine.

#include "bench/crowd.hpp"
#include "bench/figure.hpp"
#include "bench/processes.hpp"
#include "core/base/file_descriptor.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <vector>

using namespace sluice;
using namespace sluice::bench;

namespace {

constexpr uint32_t urls_per_run = 1'000;

/// A port on which nothing listens.
uint16_t free_port() {
  file_descriptor socket{::socket(AF_INET, SOCK_STREAM, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* where = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket.get(), where, size) != 0
      || ::getsockname(socket.get(), where, &size) != 0)
    std::abort();
  return ntohs(address.sin_port);
}

void write_inputs(const std::filesystem::path& folder, size_t urls,
                  uint16_t api, uint16_t page) {
  std::ofstream list{folder / "urls.txt"};
  for (size_t i = 0; i < urls; ++i)
    list << "https://shop.example/item/" << i << '\n';
  std::ofstream config{folder / "job.yaml"};
  config << "api: {base_url: \"http://127.0.0.1:" << api
         << "\", key: k, requests_per_minute: 0}\n"
         << "input: {urls: [urls.txt], deduplicate: false}\n"
         << "runs: {robot: r, urls_per_run: " << urls_per_run << "}\n"
         << "poll: {interval: 5ms, min_interval: 5ms, max_interval: 5ms}\n"
         << "sinks: [{type: file, path: captures.jsonl}]\n"
         << "serve: 127.0.0.1:" << page << '\n';
}

simulator_options unlimited_api() {
  simulator_options options;
  options.requests_per_minute = 0;
  options.run_seconds = 0;
  options.capture_bytes = 2'000;
  return options;
}

double captures_per_second(const child_result& result, size_t urls) {
  if (result.status != 0) {
    std::fprintf(stderr, "a job failed\n");
    std::exit(1);
  }
  return static_cast<double>(urls) / result.wall;
}

struct measurements {
  std::vector<double> alone; ///< captures per second
  std::vector<double> crowded;
  std::vector<double> ratios;
  double slowest_ms = 0; ///< /healthz
  double alone_mib = 0;  ///< peak memory
  double crowded_mib = 0;
  int answers = 0;
  int failures = 0;
  int streams = crowd_streams; ///< the fewest in any round
  uint64_t cut = 0;
};

/// Raises `most` to the peak of a job.
void note_peak(const child_result& result, double& most) {
  most = std::max(most, static_cast<double>(result.peak_kib) / 1'024);
}

double run_alone(size_t urls, uint16_t api, measurements& found) {
  work_folder folder{std::filesystem::temp_directory_path()};
  write_inputs(folder.path(), urls, api, free_port());
  auto result = run_program(folder.path());
  note_peak(result, found.alone_mib);
  return captures_per_second(result, urls);
}

double run_crowded(size_t urls, uint16_t api, measurements& found) {
  work_folder folder{std::filesystem::temp_directory_path()};
  auto port = free_port();
  write_inputs(folder.path(), urls, api, port);
  crowd_process crowd{port};
  health_probe probe{port};
  auto result = run_program(folder.path());
  probe.end();
  found.slowest_ms = std::max(found.slowest_ms, probe.slowest_ms());
  found.answers += probe.answers();
  found.failures += probe.failures();
  found.streams = std::min(found.streams, crowd.seen().streams.load());
  found.cut += crowd.seen().cut;
  note_peak(result, found.crowded_mib);
  return captures_per_second(result, urls);
}

bool print(const measurements& found) {
  auto ratio = median(found.ratios);
  figure("a job alone, with its status page served",
         text_of("%.0f captures/s", median(found.alone)));
  auto good = figure("the same with 64 pages watching and 200 slow clients",
                     text_of("%.0f captures/s, %.2f of the job alone",
                             median(found.crowded), ratio),
                     ">= 0.95", ratio >= 0.95);
  good &= figure("pages watching, slow clients cut off, /healthz requests",
                 text_of("%d, %llu, %d times, %d failed", found.streams,
                         static_cast<unsigned long long>(found.cut),
                         found.answers, found.failures),
                 "64, -, -, 0",
                 found.streams == crowd_streams && found.failures == 0);
  good &= figure("its slowest /healthz", text_of("%.0f ms", found.slowest_ms),
                 "<= 100 ms", found.slowest_ms <= 100);
  good &=
    figure("its peak memory",
           text_of("%.1f MiB, %.1f alone", found.crowded_mib, found.alone_mib),
           "<= 64 MiB", found.crowded_mib <= 64);
  return good;
}

} // namespace

int main(int argc, char** argv) {
  size_t urls = argc > 1 ? std::stoul(argv[1]) : 1'000'000;
  auto rounds = argc > 2 ? std::stoi(argv[2]) : 5;
  api_process api{unlimited_api()};
  measurements found;
  for (auto round = 0; round < rounds; ++round) {
    found.alone.push_back(run_alone(urls, api.port(), found));
    found.crowded.push_back(run_crowded(urls, api.port(), found));
    found.ratios.push_back(found.crowded.back() / found.alone.back());
  }
  std::printf("%zu captures, %d rounds\n", urls, rounds);
  return print(found) ? 0 : 1;
}

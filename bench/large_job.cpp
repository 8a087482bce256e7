// What a user waits for in the middle of a large job: its reports, and the
// first request after it is continued.
//
//   bench_large_job [ROUNDS]
//
// Two jobs of 1,000,000 URLs, one in 10,000 runs and one in 100,000 runs. In
// each, 100 runs are open, 100 batches are planned, and everything else is
// done. Prints medians of ROUNDS (21).

#include "bench/figure.hpp"
#include "bench/first_request.hpp"
#include "bench/ledger_load.hpp"
#include "bench/processes.hpp"

#include <fstream>
#include <iterator>

using namespace sluice;
using namespace sluice::bench;
using namespace std::chrono_literals;

namespace {

constexpr size_t urls = 1'000'000;
constexpr size_t open_runs = 100;
constexpr size_t planned = 100;

class large_job {
public:
  explicit large_job(size_t runs) : urls_per_run_{urls / runs} {
    write_inputs();
    begin();
    run_most(runs);
  }

  /// Milliseconds from the start of `command` to its end.
  [[nodiscard]] double report_ms(const char* command) const {
    auto begin = clock::now();
    auto pid = start(command);
    if (wait_for(pid).status != 0)
      std::abort();
    return ms_since(begin);
  }

  /// Milliseconds until the continued job's first request. The program is then
  /// killed and its changes are undone.
  [[nodiscard]] double first_request_ms() const {
    keep("job.sluice", "kept");
    auto took = start_and_kill();
    for (auto* beside : {"-wal", "-shm"})
      std::filesystem::remove(file(std::string{"job.sluice"} + beside));
    std::filesystem::remove_all(file("sluice"));
    keep("kept", "job.sluice");
    return took;
  }

private:
  [[nodiscard]] std::filesystem::path file(const std::string& name) const {
    return folder_.path() / name;
  }

  /// Written to disk, so that the program does not wait for it.
  void keep(const char* from, const char* to) const {
    std::filesystem::copy_file(
      file(from), file(to), std::filesystem::copy_options::overwrite_existing);
    auto copy = ::open(file(to).c_str(), O_RDONLY);
    ::fsync(copy);
    ::close(copy);
  }

  void write_inputs() const {
    std::ofstream list{file("urls.txt")};
    for (size_t i = 0; i < urls; ++i)
      list << "https://www.shop.example/catalogue/item/" << i << "?ref=list\n";
    list.close();
    // A list that was written just before it is read is hashed again each time:
    // its time would not reveal a second change.
    std::filesystem::last_write_time(
      file("urls.txt"), std::filesystem::file_time_type::clock::now() - 1h);
    std::ofstream config{file("job.yaml")};
    config << "api: {base_url: \"http://127.0.0.1:" << server_.port()
           << "\", key: k, requests_per_minute: 100000, burst: 1000}\n"
           << "input: {urls: [urls.txt]}\n"
           << "runs: {robot: r, urls_per_run: " << urls_per_run_ << "}\n"
           << "sinks: [{type: file, path: captures.jsonl}]\n";
  }

  /// The program imports the list. The batch that it submits is held.
  void begin() const {
    (void)start_and_kill();
    std::filesystem::remove_all(file("sluice"));
  }

  /// Milliseconds until the program's first request.
  [[nodiscard]] double start_and_kill() const {
    auto began = clock::now();
    auto pid = start_program(folder_.path());
    server_.await_request();
    auto took = ms_since(began);
    ::kill(pid, SIGKILL);
    wait_for(pid);
    server_.close_others();
    return took;
  }

  void run_most(size_t runs) const {
    auto store = must(open_ledger(file("job.sluice")));
    must(store->hold_interrupted());
    uint64_t delivery = 0;
    for (size_t done = 0; done + open_runs + planned < runs;) {
      auto batches =
        take(*store, std::min<size_t>(500, runs - open_runs - planned - done));
      done += batches.size();
      run_together(*store, batches, delivery, urls_per_run_);
    }
    must(store->begin_group());
    for (auto& batch : take(*store, open_runs)) {
      must(store->begin_submit(batch.key, {"worker", 0}));
      must(store->settle(batch.key, submit_result::accepted,
                         "run_" + std::to_string(batch.key), 1));
    }
    must(store->end_group());
  }

  static std::vector<url_batch> take(run_store& store, size_t count) {
    std::vector<url_batch> batches;
    while (batches.size() < count)
      batches.push_back(std::move(*must(store.next_planned())));
    return batches;
  }

  [[nodiscard]] pid_t start(const char* command) const {
    auto pid = ::fork();
    if (pid != 0)
      return pid;
    auto null = ::open("/dev/null", O_WRONLY);
    ::dup2(null, STDOUT_FILENO);
    ::dup2(null, STDERR_FILENO);
    ::setenv("XDG_STATE_HOME", folder_.path().c_str(), 1);
    ::execl(SLUICE_PROGRAM, "sluice", command, file("job.yaml").c_str(),
            nullptr);
    std::_Exit(127);
  }

  size_t urls_per_run_;
  listener server_;
  work_folder folder_{std::filesystem::temp_directory_path()};
};

template <class Measure>
double median_of(int rounds, Measure measure) {
  std::vector<double> values;
  for (auto i = 0; i < rounds; ++i)
    values.push_back(measure());
  return median(values);
}

bool measure(size_t runs, int rounds) {
  large_job job{runs};
  auto of_runs = ", 1,000,000 URLs in " + std::to_string(runs) + " runs";
  auto good = true;
  for (auto* command : {"status", "why", "check"}) {
    auto took = median_of(rounds, [&] { return job.report_ms(command); });
    good &= figure("`sluice " + std::string{command} + "`" + of_runs,
                   text_of("%.1f ms", took), "<= 25 ms", took <= 25);
  }
  auto first = median_of(rounds, [&] { return job.first_request_ms(); });
  good &= figure("a continued job's first request" + of_runs,
                 text_of("%.0f ms", first), "<= 100 ms", first <= 100);
  return good;
}

} // namespace

int main(int argc, char** argv) {
  auto rounds = argc > 1 ? std::stoi(argv[1]) : 21;
  auto good = measure(10'000, rounds);
  good &= measure(100'000, rounds);
  return good ? 0 : 1;
}

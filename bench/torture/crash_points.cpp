#include "bench/torture/crash_points.hpp"

#include "bench/torture/exit_code.hpp"

#include <chrono>
#include <map>
#include <set>
#include <sstream>
#include <thread>

namespace sluice::torture {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr const char* variable = "SLUICE_CRASH_AT";

/// A point that is not reached often enough in this time is deferred.
constexpr auto usual_life = 2s;

/// The time and the number of starts for a point that is reached only when
/// everything else is done. Ambiguous submits may stop the job earlier.
constexpr auto last_life = 30s;
constexpr auto last_starts = 20;

/// Only a limit cuts batches. A job stopped by a limit is not finished.
bool needs_limit(const std::string& point) {
  return point == "batch_cut";
}

class crasher {
public:
  crasher(const job& subject, report& out) : job_{subject}, out_{out} {}

  /// Runs the job until the point is reached for the `pass`-th time. False if
  /// it is not reached. Does nothing if the job is finished or has failed.
  [[nodiscard]] bool one(const std::string& point, unsigned pass,
                         clock::duration life = usual_life) {
    if (finished_ || failed_)
      return false;
    auto before = hits_[point];
    auto command = needs_limit(point) ? job_.run_command({"--limit", "1"})
                                      : job_.run_command();
    command.environment[variable] = point + ':' + std::to_string(pass);
    test::program running{command};
    auto until = clock::now() + life;
    while (clock::now() < until && running.running())
      std::this_thread::sleep_for(1ms);
    auto was_running = running.running();
    running.signal(SIGKILL);
    judge(point, running.wait(), was_running);
    return hits_[point] > before;
  }

  [[nodiscard]] uint64_t hits(const std::string& point) { return hits_[point]; }
  [[nodiscard]] uint64_t killed() const { return killed_; }
  [[nodiscard]] bool failed() const { return failed_; }

private:
  void judge(const std::string& point, const test::program_result& result,
             bool was_running) {
    auto code = result.exit_code;
    auto limited = code == exit_incomplete && needs_limit(point);
    finished_ = !limited && (code == exit_done || code == exit_incomplete);
    if (was_running)
      ++killed_;
    else if (code == ended_by(SIGKILL))
      ++hits_[point];
    else if (!finished_ && !limited && code != exit_stopped) {
      failed_ = true;
      out_.check("exit code before " + point, std::to_string(code), false);
      out_.detail(end_of(result.err));
    }
  }

  const job& job_;
  report& out_;
  std::map<std::string, uint64_t> hits_;
  uint64_t killed_ = 0;
  bool finished_ = false;
  bool failed_ = false;
};

} // namespace

std::vector<std::string> crash_points_of(const std::string& program) {
  test::program_input input;
  input.executable = program;
  input.arguments = {"--version"};
  input.environment[variable] = "list";
  std::istringstream out{run_program(input).out};
  std::vector<std::string> names;
  for (std::string line; std::getline(out, line);)
    names.push_back(line);
  // A program built without crash points prints its version.
  if (!names.empty() && names.front().starts_with("sluice "))
    names.clear();
  return names;
}

bool crash_everywhere(const job& subject,
                      const std::vector<std::string>& points,
                      const std::vector<unsigned>& passes, report& out) {
  crasher lives{subject, out};
  std::set<std::string> exhausted; // a point not reached 3 times is not reached
                                   // 17 times
  for (auto pass : passes)
    for (auto& point : points)
      if (!exhausted.contains(point) && !lives.one(point, pass) && pass > 1)
        exhausted.insert(point);
  // Some points are reached late. At the first start there is no file to cut
  // back.
  for (auto& point : points)
    for (auto start = 0; start < last_starts && lives.hits(point) == 0; ++start)
      static_cast<void>(lives.one(point, 1, last_life));
  uint64_t never = 0;
  for (auto& point : points) {
    out.figure("crashes at " + point, lives.hits(point));
    never += lives.hits(point) == 0 ? 1 : 0;
  }
  out.figure("killed before a point was reached", lives.killed());
  out.none("points never reached", never);
  return !lives.failed();
}

} // namespace sluice::torture

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

/// A point that does not come so often in this time is left to later.
constexpr auto longest_life = 2s;

/// A point that comes only when everything else is done gets this time, and so
/// many starts: ambiguous submits may stop the job before.
constexpr auto last_life = 30s;
constexpr auto last_starts = 20;

/// Only a limit cuts batches. What ends by it is not finished.
bool needs_limit(const std::string& point) {
  return point == "batch_cut";
}

class crasher {
public:
  crasher(const job& subject, report& out) : job_{subject}, out_{out} {}

  /// Runs the job until the point comes for the `pass`-th time; false when it
  /// did not. Does nothing once the job is finished, or has gone wrong.
  [[nodiscard]] bool one(const std::string& point, unsigned pass,
                         clock::duration life = longest_life) {
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
  // A program without points tells its version.
  if (!names.empty() && names.front().starts_with("sluice "))
    names.clear();
  return names;
}

bool crash_everywhere(const job& subject,
                      const std::vector<std::string>& points,
                      const std::vector<unsigned>& passes, report& out) {
  crasher lives{subject, out};
  std::set<std::string> exhausted; // what does not come thrice, not 17 times
  for (auto pass : passes)
    for (auto& point : points)
      if (!exhausted.contains(point) && !lives.one(point, pass) && pass > 1)
        exhausted.insert(point);
  // Some come late only: at the first start there is no file to cut back.
  for (auto& point : points)
    for (auto start = 0; start < last_starts && lives.hits(point) == 0; ++start)
      static_cast<void>(lives.one(point, 1, last_life));
  uint64_t never = 0;
  for (auto& point : points) {
    out.figure("crashes at " + point, lives.hits(point));
    never += lives.hits(point) == 0 ? 1 : 0;
  }
  out.figure("killed where a point did not come", lives.killed());
  out.none("points that never came", never);
  return !lives.failed();
}

} // namespace sluice::torture

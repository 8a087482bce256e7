#include "bench/torture/finish.hpp"

#include "bench/torture/account_view.hpp"
#include "bench/torture/exit_code.hpp"

#include <stdexcept>

namespace sluice::torture {

namespace {

/// More than any job needs, to end a program that makes no progress.
constexpr unsigned most_runs = 100;
constexpr std::chrono::seconds patience{600};

/// Tries per decision while the API fails.
constexpr unsigned most_tries = 30;

/// False if the run already belongs to another batch. The program first asks
/// the API for the run, which may fail like any other request.
bool adopt(const job& subject, const held_batch& batch,
           const std::string& run) {
  auto command =
    subject.command("resolve", {std::to_string(batch.number), "adopt", run});
  auto result = run_program(command);
  for (auto tries = 1U;
       tries < most_tries && result.exit_code == exit_environment
       && result.err.find("try again") != std::string::npos;
       ++tries)
    result = run_program(command);
  if (result.exit_code == exit_usage
      && result.err.find("already") != std::string::npos)
    return false;
  if (result.exit_code != exit_done)
    throw std::runtime_error("resolve … adopt fails: " + result.err);
  return true;
}

void resubmit(const job& subject, const held_batch& batch) {
  auto result = run_program(
    subject.command("resolve", {std::to_string(batch.number), "resubmit"}));
  if (result.exit_code != exit_done)
    throw std::runtime_error("resolve … resubmit fails: " + result.err);
}

bool adopt_any(const job& subject, const truth& known,
               const held_batch& batch) {
  for (auto& run : known.runs_of(batch.urls))
    if (adopt(subject, batch, run))
      return true;
  return false;
}

decisions decide(const job& subject, const std::vector<held_batch>& held,
                 bool resubmits) {
  decisions result;
  if (held.empty())
    return result;
  truth known{subject.api()};
  for (auto& batch : held) {
    if (adopt_any(subject, known, batch)) {
      ++result.adopted;
    } else if (resubmits) {
      resubmit(subject, batch);
      ++result.resubmitted;
    }
  }
  return result;
}

} // namespace

decisions adopt_held(const job& subject) {
  auto held = read_held(subject);
  return held ? decide(subject, *held, false) : decisions{};
}

decisions decide_held(job& subject) {
  // A submit may be unread in the connection of a killed client. After a
  // restart it never creates a run.
  if (auto err = subject.api().restart())
    throw std::runtime_error(what_of(err));
  auto held = read_held(subject);
  if (!held)
    throw std::runtime_error("status and status --list held disagree");
  return decide(subject, *held, true);
}

std::optional<std::string> finish(report& out, job& subject) {
  decisions made;
  for (unsigned run = 1; run <= most_runs; ++run) {
    auto command = subject.run_command();
    command.patience = patience;
    auto result = run_program(command);
    auto ended =
      result.exit_code == exit_done || result.exit_code == exit_incomplete;
    if (!ended && result.exit_code != exit_stopped) {
      out.check("exit code of a run", std::to_string(result.exit_code), false);
      out.detail(end_of(result.err));
      return std::nullopt;
    }
    auto now = decide_held(subject);
    made.adopted += now.adopted;
    made.resubmitted += now.resubmitted;
    if (ended && now.adopted + now.resubmitted == 0) {
      out.figure("runs of the program until the end", run);
      out.figure("held batches adopted", made.adopted);
      out.figure("held batches submitted again", made.resubmitted);
      return result.err;
    }
  }
  out.check("runs of the program until the end", std::to_string(most_runs),
            false);
  return std::nullopt;
}

} // namespace sluice::torture

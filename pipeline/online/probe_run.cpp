#include "pipeline/online/probe_run.hpp"

#include "core/base/error.hpp"
#include "core/base/units.hpp"

#include <exception>
#include <future>
#include <thread>
#include <utility>

namespace sluice {

namespace {

using results = std::vector<named_result>;
using clock = std::chrono::steady_clock;

struct running_probe {
  std::string subject;
  std::chrono::milliseconds limit;
  probe_state when_late;
  std::future<results> answer;
  std::thread thread;
};

/// An exception from a library is a failure like any other.
results
answer_of(const std::string& subject, const std::function<results()>& run) {
  try {
    return run();
  } catch (const std::exception& thrown) {
    return {{subject,
             {probe_state::failure,
              std::string{"cannot be checked: "} + printable(thrown.what())}}};
  }
}

running_probe start(probe_task task) {
  std::promise<results> promise;
  running_probe out{
    task.subject, task.limit, task.when_late, promise.get_future(), {}};
  out.thread = std::thread{[subject = task.subject, run = std::move(task.run),
                            promise = std::move(promise)]() mutable {
    promise.set_value(answer_of(subject, run));
  }};
  return out;
}

std::string_view word_of(probe_state state) {
  switch (state) {
    case probe_state::ok:
      return "ok       ";
    case probe_state::warning:
      return "warning  ";
    case probe_state::failure:
      break;
  }
  return "failure  ";
}

} // namespace

std::string line_of(const named_result& named) {
  return std::string{word_of(named.result.state)} + named.subject + ": "
         + named.result.text;
}

probe_report run_probes(std::vector<probe_task> tasks,
                        const std::function<void(const named_result&)>& show) {
  probe_report report;
  auto began = clock::now();
  std::vector<running_probe> running;
  running.reserve(tasks.size());
  for (auto& task : tasks)
    running.push_back(start(std::move(task)));
  auto tell = [&](const named_result& named) {
    report.failed |= named.result.state == probe_state::failure;
    show(named);
  };
  for (auto& [subject, limit, when_late, answer, thread] : running) {
    if (answer.wait_until(began + limit) == std::future_status::ready) {
      thread.join();
      for (auto& named : answer.get())
        tell(named);
      continue;
    }
    // Nothing can end a name lookup, or a call to a file system that does not
    // respond.
    thread.detach();
    report.abandoned = true;
    tell({subject,
          {when_late, "no reply within " + human_duration(limit)
                        + "; check that the network and the disk respond, and "
                          "that no other job uses up the rate limit"}});
  }
  return report;
}

} // namespace sluice

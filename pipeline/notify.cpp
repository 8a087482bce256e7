#include "pipeline/notify.hpp"

#include "core/base/log.hpp"
#include "pipeline/interrupts.hpp"
#include "pipeline/program.hpp"
#include "pipeline/report/json_members.hpp"

#include <algorithm>

namespace sluice {

namespace {

bool is(ending which, const job_end& end, const account& numbers) {
  constexpr auto all_captured = 0;
  constexpr auto not_all_captured = 3;
  switch (which) {
    case ending::done:
      return end.exit_code == all_captured;
    case ending::incomplete:
      return end.exit_code == not_all_captured;
    case ending::stopped:
      return end.exit_code != all_captured && end.exit_code != not_all_captured;
    case ending::held:
      return numbers.held > 0 || numbers.set_aside_runs > 0;
  }
  return false;
}

} // namespace

std::vector<ending> endings_of(const job_end& end, const account& numbers,
                               const std::vector<ending>& on) {
  std::vector<ending> out;
  for (auto& [word, each] : ending_words)
    if (std::find(on.begin(), on.end(), each) != on.end()
        && is(each, end, numbers))
      out.push_back(each);
  return out;
}

std::string notice_text(const job_report& report, const job_end& end,
                        const std::vector<ending>& on) {
  return report_json(report, [&](json_writer& out) {
    out.Key("ended");
    out.StartObject();
    out.Key("exit_code");
    out.Int(end.exit_code);
    if (end.reason.empty())
      put_null(out, "reason");
    else
      put(out, "reason", end.reason);
    put(out, "unrecorded", report.context.unrecorded);
    out.Key("on");
    out.StartArray();
    for (auto& [word, each] : ending_words)
      if (std::find(on.begin(), on.end(), each) != on.end())
        out.String(word.data(), static_cast<rapidjson::SizeType>(word.size()));
    out.EndArray();
    out.EndObject();
  });
}

void notice_failed(const caf::error& reason) {
  log_event(
    log_level::warn, "notify_failed",
    "the notify program failed, so the end of the job may go unnoticed: "
      + what_of(reason) + "; check `notify` in the config");
}

void notify_of_end(const notify_settings& wanted, const job_report& report,
                   const job_end& end) {
  auto on = endings_of(end, report.numbers, wanted.on);
  if (on.empty())
    return;
  // If the job was interrupted, another signal ends this process at once.
  auto is_first_signal = [before = interrupted()] {
    return !before && interrupted();
  };
  auto err = call_program(wanted.command, notice_text(report, end, on),
                          longest_notice, is_first_signal);
  if (err)
    notice_failed(err);
}

} // namespace sluice

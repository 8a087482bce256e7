#include "pipeline/report/stuck_text.hpp"

#include "core/base/either.hpp"
#include "core/base/error.hpp"
#include "core/base/job_command.hpp"
#include "core/base/units.hpp"
#include "pipeline/report/counted.hpp"
#include "pipeline/report/utc_text.hpp"

namespace sluice {

namespace {

constexpr size_t longest_url = 120;

std::string head_of(const stuck_batch& batch) {
  auto text = "batch " + std::to_string(batch.key) + ", "
              + counted(batch.urls, "URL") + ": " + printable(batch.reason)
              + "\n    ";
  if (batch.submitted_at_ms > 0)
    text += "submitted " + utc_second(batch.submitted_at_ms) + " to ";
  return text + "robot " + printable(batch.robot) + "\n";
}

std::string
lines_of(const stuck_batch& batch, const std::vector<std::string>& urls) {
  std::string text;
  for (auto& url : urls)
    text += "    " + printable(url, longest_url) + "\n";
  if (batch.urls > urls.size() && !urls.empty())
    text += "    … and " + human_count(batch.urls - urls.size()) + " more\n";
  return text;
}

/// Says "about": clocks differ, and replies take time.
std::string begin_of(const stuck_batch& batch) {
  return batch.submitted_at_ms > 0
           ? " that began at about " + utc_second(batch.submitted_at_ms)
           : std::string{};
}

/// "pending, running or completed": the API's own words for a run's state.
std::string state_words(const status_dialect& status) {
  std::vector<std::string> words;
  for (auto* some : {&status.queued, &status.active, &status.done,
                     &status.failed, &status.stopped})
    for (auto& word : *some)
      words.push_back(printable(word));
  return either(words);
}

/// The batch argument in a command.
std::string key_of(const std::vector<stuck_batch>& batches) {
  return batches.size() == 1 ? std::to_string(batches.front().key) : "BATCH";
}

std::string decision(const std::vector<stuck_batch>& batches,
                     const std::string& what, const std::string& meaning) {
  return "  " + job_command("resolve", key_of(batches) + " " + what)
         + "\n      " + meaning + "\n";
}

} // namespace

std::string held_text(const stuck_batch& batch,
                      const std::vector<std::string>& urls,
                      const api_profile& profile) {
  auto text = head_of(batch) + lines_of(batch, urls) + "    look in the "
              + printable(profile.name) + " dashboard for ";
  if (!batch.run_id.empty())
    return text + "run " + printable(batch.run_id)
           + ", which was given up: has it ended since?\n";
  return text + "a run of robot " + printable(batch.robot) + begin_of(batch)
         + " with " + counted(batch.urls, "URL") + "\n";
}

std::string set_aside_text(const stuck_batch& batch,
                           const std::vector<std::string>& urls,
                           const api_profile& profile) {
  return head_of(batch) + lines_of(batch, urls) + "    look in the "
         + printable(profile.name) + " dashboard for run "
         + printable(batch.run_id) + ": can its captures be read there?\n";
}

std::string held_decisions(const std::vector<stuck_batch>& held,
                           const api_profile& profile) {
  return "If the run exists, the dashboard shows its status as "
         + state_words(profile.status) + ". Then decide:\n"
         + decision(held, "adopt RUN_ID", "it exists: continue with it")
         + decision(held, "resubmit",
                    "it does not exist: submit again (pays twice if it does)")
         + decision(held, "abandon", "give the URLs up: they count as failed");
}

std::string set_aside_decisions(const std::vector<stuck_batch>& runs) {
  return "These runs are set aside: their captures are paid for, but cannot be "
         "read from the API\n"
         + decision(runs, "read-again",
                    "ask the API for them again; nothing is delivered twice")
         + decision(runs, "abandon",
                    "give the rest up: URLs without a capture count as failed");
}

} // namespace sluice

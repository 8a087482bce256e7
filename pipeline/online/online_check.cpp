#include "pipeline/online/online_check.hpp"

#include "actors/sinks/registry.hpp"
#include "config/unusable_secrets.hpp"
#include "core/base/units.hpp"
#include "core/input/robot_numbers.hpp"
#include "pipeline/api_access.hpp"
#include "pipeline/online/api_probes.hpp"
#include "pipeline/online/file_probes.hpp"
#include "pipeline/report/counted.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

namespace sluice {

namespace {

using std::chrono::milliseconds;
using enum probe_state;
using job_settings = std::shared_ptr<const settings>;
using results = std::vector<named_result>;

/// Time limit for one exchange, or one check of the disks.
constexpr milliseconds one_look{10'000};

/// Time limit for requests to the API, which wait for tokens that a running job
/// takes, too. A late reply says nothing about the key.
constexpr milliseconds all_of_api{120'000};

/// The most robots to ask about: each costs a request, and perhaps a wait for
/// its token.
constexpr size_t most_robots = 20;
constexpr milliseconds most_time_for_robots{60'000};

std::string robot_subject(const std::string& robot) {
  return "robot " + printable(robot, 60);
}

/// The result for a request that could not be made.
probe_result not_asked(const caf::error& err) {
  return {failure, what_of(err)};
}

/// Lists of runs by robot. A list with the runs of all robots is requested only
/// once.
class run_lists {
public:
  explicit run_lists(const api_settings& api)
      : api_{api}, by_robot_{lists_by_robot(*api.profile)} {}

  const caf::expected<run_list_reply>& of(const std::string& robot) {
    if (!last_ || by_robot_)
      last_.emplace(ask_runs(api_, robot));
    return *last_;
  }

private:
  const api_settings& api_;
  bool by_robot_;
  std::optional<caf::expected<run_list_reply>> last_;
};

/// Nothing is known about robots if the API refuses the key or cannot be
/// reached.
bool answers(const caf::expected<run_list_reply>& reply) {
  return reply && reply->verdict.status != 0
         && reply->verdict.outcome != read_outcome::stop_job;
}

/// The API settings for a probe.
api_settings for_a_look(api_settings api) {
  api.timeout = std::min(api.timeout, one_look);
  return api;
}

results probe_robots(const settings& config) {
  auto api = for_a_look(config.api);
  if (!api.profile->find)
    return {{"runs.robot", robot_cannot_be_told()}};
  results out;
  robot_numbers robots{config.runs.robots};
  run_lists lists{api};
  auto began = std::chrono::steady_clock::now();
  auto goes_on = true;
  for (auto& robot : robots.names()) {
    if (!goes_on || out.size() == most_robots
        || std::chrono::steady_clock::now() - began > most_time_for_robots)
      break;
    auto& reply = lists.of(robot);
    out.push_back(
      {robot_subject(robot), reply ? robot_result(*api.profile, robot, *reply)
                                   : not_asked(reply.error())});
    goes_on = answers(reply);
  }
  if (auto asked = out.size(); asked < robots.names().size())
    out.push_back(
      {"runs.robot",
       {warning, "not all were checked: only " + human_count(asked) + " of "
                   + counted(robots.names().size(), "robot")}});
  return out;
}

results probe_key(const settings& config) {
  auto reply = ask_status(for_a_look(config.api), {no_such_run, {}});
  if (!reply)
    return {{"api.key", not_asked(reply.error())}};
  results out;
  out.push_back({"api.key", key_result(*config.api.profile, reply->verdict)});
  if (reply->verdict.status != 0)
    out.push_back({"the clock", clock_result(reply->verdict.clock_ahead)});
  return out;
}

results probe_secrets(const settings& config) {
  results out;
  for (auto& each : config::unusable_secrets(config))
    out.push_back({"secrets", {failure, each.text()}});
  if (out.empty())
    out.push_back({"secrets", {ok, "all of them are set"}});
  return out;
}

results probe_files(const settings& config) {
  results out;
  for (auto& file : written_files(config))
    out.push_back({file.key, probe_written(file)});
  return out;
}

void add_sinks(std::vector<probe_task>& tasks, const job_settings& config) {
  for (size_t i = 0; i < config->sinks.size(); ++i) {
    auto& sink = config->sinks[i];
    auto* type = find_sink_type(sink.type);
    if (type == nullptr || !type->probe)
      continue;
    auto subject =
      "sinks[" + std::to_string(i) + "] (" + printable(sink.name) + ")";
    tasks.push_back({subject, 2 * one_look, [=]() -> results {
                       auto& asked = config->sinks[i];
                       return {{subject, type->probe({{}, asked.name},
                                                     asked.fields, one_look)}};
                     }});
  }
}

} // namespace

std::vector<probe_task> online_probes(const settings& given) {
  auto config = std::make_shared<const settings>(given);
  std::vector<probe_task> tasks;
  tasks.push_back(
    {"secrets", one_look, [=] { return probe_secrets(*config); }});
  tasks.push_back(
    {"api.key", all_of_api, [=] { return probe_key(*config); }, warning});
  tasks.push_back(
    {"runs.robot", all_of_api, [=] { return probe_robots(*config); }, warning});
  add_sinks(tasks, config);
  tasks.push_back(
    {"input.urls", one_look, [=] { return probe_lists(config->input.urls); }});
  tasks.push_back({"files", one_look, [=] { return probe_files(*config); }});
  tasks.push_back({"disks", one_look, [=] { return probe_disks(*config); }});
  return tasks;
}

} // namespace sluice

#include "config/build.hpp"

#include "config/serve_address.hpp"
#include "core/base/error.hpp"
#include "core/base/units.hpp"

#include <algorithm>

namespace sluice::config {

namespace {

using std::chrono::milliseconds;

std::string build_name(const checked_job& job) {
  auto name = job.get_or("name", job.file.stem().string());
  if (name.find('/') != std::string::npos || name.front() == '.')
    job.refuse("name", "name is \"" + printable(name, 60)
                         + "\", which cannot name a file: write a name without "
                           "/ that does not begin with a dot");
  return name;
}

input_options build_input(const checked_job& job) {
  auto& values = job.values;
  input_options out;
  for (auto& name : job.get_or("input.urls", std::vector<std::string>{}))
    out.urls.push_back(
      name == "-" ? name : (job.folder() / name).lexically_normal().string());
  if (std::count(out.urls.begin(), out.urls.end(), "-") > 1)
    job.refuse(
      "input.urls",
      "input.urls names standard input (-) twice: it can be read only once");
  out.format = values.choice("input.format", list_format_words);
  out.delimiter = values.choice("input.delimiter", list_delimiter_words);
  out.field = values.text("input.field");
  out.deduplicate = values.get<bool>("input.deduplicate");
  out.fail_on_invalid = values.choice("input.on_invalid", on_invalid_words);
  return out;
}

void check_order(const checked_job& job, const char* low, const char* high) {
  auto least = job.values.get<milliseconds>(low);
  auto most = job.values.get<milliseconds>(high);
  if (least > most)
    job.refuse(low, std::string{low} + " (" + duration_text(least)
                      + ") is longer than " + high + " (" + duration_text(most)
                      + "): make it shorter");
}

poll_settings build_poll(const checked_job& job) {
  check_order(job, "poll.min_interval", "poll.interval");
  check_order(job, "poll.interval", "poll.max_interval");
  return {job.values.get<milliseconds>("poll.interval"),
          job.values.get<milliseconds>("poll.min_interval"),
          job.values.get<milliseconds>("poll.max_interval")};
}

size_t build_window(const checked_job& job) {
  auto window = job.values.get<int64_t>("captures.window");
  auto body = job.values.get<int64_t>("api.max_body");
  if (window < body)
    job.refuse(job.find("captures", "window") ? "captures.window"
                                              : "api.max_body",
               "captures.window (" + size_text(static_cast<uint64_t>(window))
                 + ") is smaller than api.max_body ("
                 + size_text(static_cast<uint64_t>(body))
                 + "), so one large page would never fit: make it at least as "
                   "large");
  return static_cast<size_t>(window);
}

bool build_fetch(const checked_job& job, const api_profile* profile) {
  auto download = job.values.choice("captures.fetch", fetch_words);
  if (download && profile != nullptr && !profile->download)
    job.refuse(
      "captures.fetch",
      "captures.fetch is download, but the profile "
        + printable(profile->name, 60)
        + " has no `download`: write pages, or use a profile that has it");
  return download;
}

log_settings build_log(const section& values) {
  return {values.choice("log.level", log_level_words),
          values.choice("log.format", log_settings::format_words)};
}

std::optional<serve_settings> build_serve(const checked_job& job) {
  if (!job.values.has("serve"))
    return std::nullopt;
  auto& text = job.values.text("serve");
  auto where = parse_serve_address(text);
  if (!where)
    job.refuse("serve", "serve is \"" + printable(text, 60)
                          + "\": write a port or host:port, such as 9464 or "
                            "127.0.0.1:9464");
  return where;
}

std::vector<ending> endings_named(const std::vector<std::string>& words) {
  std::vector<ending> out;
  for (auto& [word, each] : ending_words)
    if (std::find(words.begin(), words.end(), word) != words.end())
      out.push_back(each);
  return out;
}

std::optional<notify_settings> build_notify(const checked_job& job) {
  using texts = std::vector<std::string>;
  if (!job.values.has("notify") || !job.values.has("notify.command"))
    return std::nullopt;
  notify_settings out;
  out.command = job.values.get<texts>("notify.command");
  auto& program = out.command.front();
  if (program.find('/') != std::string::npos)
    program = (job.folder() / program).lexically_normal().string();
  out.on = endings_named(job.get_or("notify.on", words_in(ending_words)));
  out.at = place_in(job.root, "notify.command[0]");
  return out;
}

/// Whether the ledger's path depends on a `${…}`.
bool ledger_refers(const checked_job& job) {
  auto value = job.root.find("ledger");
  if (value == nullptr)
    value = job.root.find("name");
  return value != nullptr && value->text.find("${") != std::string::npos;
}

} // namespace

settings build_settings(const checked_job& job) {
  settings out;
  out.name = build_name(job);
  out.file = job.file;
  out.api = build_api(job);
  out.input = build_input(job);
  out.runs = build_runs(job, out.api.profile.get());
  out.poll = build_poll(job);
  out.download = build_fetch(job, out.api.profile.get());
  out.window = build_window(job);
  out.ledger =
    job.get_or("ledger", (job.folder() / (out.name + ".sluice")).string());
  out.ledger_varies = ledger_refers(job);
  out.sinks = build_sinks(job);
  out.notify = build_notify(job);
  out.secrets = build_secrets(job, out.sinks);
  out.files = build_files(job, out);
  out.log = build_log(job.values);
  out.serve = build_serve(job);
  return out;
}

} // namespace sluice::config

#include "pipeline/serve/live_json.hpp"

#include "core/base/job_command.hpp"
#include "core/base/log.hpp"
#include "pipeline/report/json_members.hpp"

#include <algorithm>

namespace sluice {

namespace {

/// The most batches of each kind that the page lists; the commands list all.
constexpr size_t listed_on_page = 20;
constexpr size_t most_bars = 60;

void put_time(json_writer& out, const char* name, int64_t ms) {
  if (ms > 0)
    put(out, name, static_cast<uint64_t>(ms));
  else
    put_null(out, name);
}

void put_count(json_writer& out, const char* name,
               const std::optional<uint64_t>& number) {
  if (number)
    put(out, name, *number);
  else
    put_null(out, name);
}

void put_sample(json_writer& out, const live_sample& sample) {
  out.StartArray();
  out.Int64(sample.at_ms);
  out.Double(sample.tokens);
  for (auto number :
       {sample.submits, sample.polls, sample.pages, sample.rate_limited,
        sample.captures, sample.capture_bytes})
    out.Uint64(number);
  out.EndArray();
}

void put_progress(json_writer& out, const progress_facts& facts) {
  out.Key("progress");
  out.StartObject();
  put(out, "urls_total", facts.urls_total);
  put(out, "urls_settled", facts.urls_settled);
  put_number(out, "requests_per_minute", facts.requests_per_minute);
  put(out, "limit_per_minute", facts.limit_per_minute);
  if (facts.time_left)
    put_number(out, "seconds_left",
               std::chrono::duration<double>{*facts.time_left}.count());
  else
    put_null(out, "seconds_left");
  out.EndObject();
}

void put_bucket(json_writer& out, const bucket_view& bucket) {
  out.Key("bucket");
  out.StartObject();
  put_number(out, "tokens", bucket.tokens);
  put_number(out, "burst", bucket.burst);
  put_number(out, "per_minute", bucket.per_minute);
  put_number(out, "frozen_seconds", bucket.frozen_seconds);
  put_number(out, "share", bucket.share);
  out.EndObject();
}

void put_runs(json_writer& out, const std::vector<run_bar>& runs) {
  // The latest ones, because open runs come last.
  auto shown = std::min(runs.size(), most_bars);
  out.Key("runs");
  out.StartArray();
  for (auto bar = runs.end() - static_cast<ptrdiff_t>(shown); bar != runs.end();
       ++bar) {
    out.StartObject();
    out.Key("batch");
    out.Int64(bar->batch);
    put(out, "run", bar->id);
    put(out, "stage", name_of(bar->stage));
    put(out, "urls", bar->urls);
    put_time(out, "submitted_at", bar->submitted_at_ms);
    put_time(out, "started_at", bar->started_at_ms);
    put_time(out, "ended_at", bar->ended_at_ms);
    put_count(out, "extracted", bar->extracted);
    put_count(out, "queue", bar->queue);
    put(out, "captures", bar->captures);
    out.EndObject();
  }
  out.EndArray();
  put(out, "runs_not_shown", runs.size() - shown);
}

void put_sinks(json_writer& out, const live_view& view) {
  out.Key("sinks");
  out.StartArray();
  for (auto& sink : view.sinks) {
    out.StartObject();
    put(out, "name", sink.name);
    put(out, "captures", sink.captures);
    put(out, "committed", sink.committed);
    put(out, "lag", lag_of(sink, view.now.captures));
    put(out, "failures", sink.failures);
    put(out, "dead_letters", sink.dead_letters);
    put_flag(out, "waits", sink.waits);
    put(out, "reason", sink.reason);
    auto& written = sink.write_seconds.histogram;
    put_number(out, "mean_write_seconds",
               written.sample_count == 0
                 ? 0
                 : written.sample_sum
                     / static_cast<double>(written.sample_count));
    out.EndObject();
  }
  out.EndArray();
}

/// While the job runs: what holds it up.
std::string detail_of(const live_view& view) {
  if (!view.detail.empty() || view.phase != job_phase::running || !view.facts)
    return view.detail;
  if (!view.facts->sink_failure.empty())
    return view.facts->sink_failure;
  if (view.facts->gone.runs > 0)
    return gone_text(view.facts->gone) + " unless the API knows it again";
  if (!view.facts->failure.empty() || view.facts->limit.empty())
    return view.facts->failure;
  return view.facts->limit;
}

void put_live(json_writer& out, const live_job& job, const settings& config) {
  auto view = job.snapshot();
  auto& seen = job.counters();
  out.Key("live");
  out.StartObject();
  put(out, "phase", std::string{name_of(view.phase)});
  put(out, "detail", detail_of(view));
  if (view.facts)
    put_progress(out, *view.facts);
  if (view.bucket)
    put_bucket(out, *view.bucket);
  out.Key("sample");
  put_sample(out, view.now);
  put(out, "active_runs", seen.active_runs.load());
  put(out, "unread_runs", seen.unread_runs.load());
  put(out, "runs_done", seen.runs_done.load());
  put(out, "failures", seen.failures.load());
  put(out, "window_bytes", seen.window_bytes.load());
  put(out, "window_limit", config.captures.window);
  put_runs(out, view.runs);
  put_sinks(out, view);
  out.EndObject();
}

void put_problems(json_writer& out) {
  auto kept = recent_problems();
  put(out, "warnings", kept.warnings);
  put(out, "errors", kept.errors);
  out.Key("problems");
  out.StartArray();
  for (auto& problem : kept.latest) {
    out.StartObject();
    put_time(out, "at", problem.at_ms);
    put(out, "level", std::string{name_of(problem.level)});
    put(out, "event", problem.event);
    put(out, "message", problem.sentence);
    out.Key("fields");
    out.StartObject();
    for (auto& [name, value] : problem.fields)
      put(out, name.c_str(), value);
    out.EndObject();
    out.EndObject();
  }
  out.EndArray();
}

void put_commands(json_writer& out, bool rehearsed) {
  out.Key("commands");
  out.StartObject();
  if (rehearsed) { // no job for the other commands
    put(out, "run", job_command("run", "--simulate"));
    put_null(out, "resolve");
    put_null(out, "rejected");
    put_null(out, "failed");
    out.EndObject();
    return;
  }
  put(out, "run", job_command("run"));
  put(out, "resolve", job_command("resolve"));
  put(out, "rejected", job_command("status", "--list rejected > rejected.txt"));
  put(out, "failed", job_command("run", "--retry failed"));
  out.EndObject();
}

void put_report(json_writer& out, const caf::expected<report_ptr>& report) {
  if (!report) {
    put(out, "status_error", what_of(report.error()));
    return;
  }
  auto shown = **report;
  for (auto* list : {&shown.context.held, &shown.context.set_aside,
                     &shown.context.rejected, &shown.context.failed})
    if (list->size() > listed_on_page)
      list->resize(listed_on_page);
  auto text = report_json(shown);
  out.Key("status");
  out.RawValue(text.data(), text.size() - 1, rapidjson::kObjectType);
}

} // namespace

std::string live_json(const caf::expected<report_ptr>& report,
                      const live_job* live, const settings& config) {
  rapidjson::StringBuffer text;
  json_writer out{text};
  out.StartObject();
  put(out, "job", config.name);
  put(out, "fetch", config.captures.download ? "downloads" : "pages");
  put_report(out, report);
  if (live)
    put_live(out, *live, config);
  put_problems(out);
  put_commands(out, config.rehearsed);
  out.EndObject();
  return {text.GetString(), text.GetSize()};
}

std::string history_json(const live_job* live) {
  rapidjson::StringBuffer text;
  json_writer out{text};
  out.StartArray();
  if (live)
    for (auto& sample : live->history())
      put_sample(out, sample);
  out.EndArray();
  return {text.GetString(), text.GetSize()};
}

} // namespace sluice

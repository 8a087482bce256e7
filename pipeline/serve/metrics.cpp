#include "pipeline/serve/metrics.hpp"

#include "core/base/log.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <utility>

namespace sluice {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using labels = std::vector<ClientMetric::Label>;
using families = std::vector<MetricFamily>;

MetricFamily&
family(families& out, const char* name, MetricType type, const char* help) {
  out.push_back({name, help, type, {}});
  return out.back();
}

template <class Number>
void put(MetricFamily& to, Number number, labels by = {}) {
  ClientMetric metric;
  metric.label = std::move(by);
  auto value = static_cast<double>(number);
  if (to.type == MetricType::Counter)
    metric.counter.value = value;
  else
    metric.gauge.value = value;
  to.metric.push_back(std::move(metric));
}

template <class Number>
void counter(families& out, const char* name, const char* help, Number number) {
  put(family(out, name, MetricType::Counter, help), number);
}

template <class Number>
void gauge(families& out, const char* name, const char* help, Number number) {
  put(family(out, name, MetricType::Gauge, help), number);
}

// -- the account --------------------------------------------------------------

void add_account(families& out, const account& numbers) {
  auto& urls = family(out, "sluice_urls", MetricType::Gauge,
                      "Input records by state, as committed in the ledger.");
  for (auto& [state, number] : {std::pair{"captured", numbers.captured},
                                {"missing", numbers.missing},
                                {"failed", numbers.failed},
                                {"rejected", numbers.rejected},
                                {"held", numbers.held},
                                {"set_aside", numbers.set_aside},
                                {"pending", numbers.pending},
                                {"invalid", numbers.invalid},
                                {"duplicate", numbers.duplicate}})
    put(urls, number, {{"state", state}});
  gauge(out, "sluice_held_batches",
        "Batches that wait for the user's decision.", numbers.held_batches);
  gauge(out, "sluice_set_aside_runs",
        "Runs whose captures are paid for but cannot be read.",
        numbers.set_aside_runs);
  gauge(out, "sluice_dead_letters",
        "Captures that sinks refused and wrote to dead letter files.",
        numbers.dead_letters);
}

void put_row_sinks(families& out, const std::vector<row_sink>& sinks) {
  auto& rows = family(out, "sluice_sink_rows", MetricType::Gauge,
                      "Rows that the sink has written, as committed.");
  for (auto& sink : sinks)
    put(rows, sink.done.counts.rows, {{"sink", sink.name}});
  auto& letters =
    family(out, "sluice_sink_dead_letters", MetricType::Gauge,
           "Captures that became no row and are in the sink's dead letter "
           "file, as committed.");
  for (auto& sink : sinks)
    put(letters, sink.done.dead_letters, {{"sink", sink.name}});
  auto& gaps =
    family(out, "sluice_column_gaps", MetricType::Gauge,
           "Captures whose value for the column is missing, mismatched "
           "or was replaced in part, by reason, as committed.");
  for (auto& sink : sinks)
    for (size_t i = 0; i < sink.done.columns.size(); ++i) {
      auto& of = sink.done.counts.columns[i];
      for (auto& [reason, number] : {std::pair{"missing", of.missing},
                                     {"mismatched", of.mismatched},
                                     {"replaced", of.replaced}})
        put(gaps, number,
            {{"sink", sink.name},
             {"column", sink.done.columns[i]},
             {"reason", reason}});
    }
}

// -- requests and runs --------------------------------------------------------

void add_requests(families& out, const job_counters& seen) {
  auto& requests = family(out, "sluice_requests_total", MetricType::Counter,
                          "Completed API requests by kind and status class.");
  for (auto& [kind, replies] : {std::pair{"submit", &seen.submit_replies},
                                {"poll", &seen.poll_replies},
                                {"page", &seen.page_replies}})
    for (size_t i = 0; i < reply_counts::classes; ++i)
      put(requests, replies->at(i),
          {{"kind", kind}, {"status", reply_counts::names[i]}});
  counter(out, "sluice_rate_limited_total", "Requests answered with 429.",
          seen.rate_limited.load());
}

void add_runs(families& out, const job_counters& seen) {
  auto& runs = family(out, "sluice_runs", MetricType::Gauge,
                      "Runs by state: active at the API, or unread, that is, "
                      "ended with captures not yet committed.");
  put(runs, seen.active_runs.load(), {{"state", "active"}});
  put(runs, seen.unread_runs.load(), {{"state", "unread"}});
  gauge(out, "sluice_gone_runs",
        "Accepted runs that the API says it does not know.",
        seen.gone.snapshot().runs);
  counter(out, "sluice_runs_done_total", "Runs read and committed.",
          seen.runs_done.load());
  counter(out, "sluice_captures_total", "Captures handed to the sinks.",
          seen.captures.load());
  counter(out, "sluice_capture_bytes_total",
          "Bytes of the pages handed to the sinks.", seen.capture_bytes.load());
  gauge(out, "sluice_window_bytes",
        "Bytes of pages between the API and the sinks.",
        seen.window_bytes.load());
}

void add_bucket(families& out, const bucket_view& bucket) {
  gauge(out, "sluice_tokens", "Tokens in the bucket now.", bucket.tokens);
  gauge(out, "sluice_tokens_limit", "Tokens in a full bucket.", bucket.burst);
  gauge(out, "sluice_rate_share", "Share of the API's rate limit that is used.",
        bucket.share);
  gauge(out, "sluice_frozen_seconds", "Seconds left to wait after a 429.",
        bucket.frozen_seconds);
}

// -- sinks --------------------------------------------------------------------

template <class Read>
void add_sink_family(families& out, const std::vector<sink_view>& sinks,
                     const char* name, MetricType type, const char* help,
                     Read read) {
  auto& of_all = family(out, name, type, help);
  for (auto& sink : sinks)
    put(of_all, read(sink), {{"sink", sink.name}});
}

void add_latency(families& out, const std::vector<sink_view>& sinks) {
  auto& seconds = family(out, "sluice_sink_write_seconds",
                         MetricType::Histogram, "Time to write one page.");
  for (auto& sink : sinks) {
    seconds.metric.push_back(sink.write_seconds);
    seconds.metric.back().label = {{"sink", sink.name}};
  }
}

void add_sinks(families& out, const std::vector<sink_view>& sinks,
               uint64_t handed) {
  constexpr auto counts = MetricType::Counter;
  constexpr auto shows = MetricType::Gauge;
  add_sink_family(out, sinks, "sluice_sink_captures_total", counts,
                  "Captures that the sink acknowledged.",
                  [](auto& sink) { return sink.captures; });
  add_sink_family(out, sinks, "sluice_sink_lag_captures", shows,
                  "Captures handed to the sink but not yet acknowledged.",
                  [=](auto& sink) { return lag_of(sink, handed); });
  add_sink_family(out, sinks, "sluice_sink_uncommitted_captures", shows,
                  "Captures acknowledged after its last checkpoint.",
                  [](auto& sink) { return sink.captures - sink.committed; });
  add_sink_family(out, sinks, "sluice_sink_failures_total", counts,
                  "Writes and checkpoints that failed.",
                  [](auto& sink) { return sink.failures; });
  add_sink_family(
    out, sinks, "sluice_sink_waiting", shows,
    "1 while the sink accepts nothing and the pipeline waits for it.",
    [](auto& sink) { return sink.waits ? 1 : 0; });
  add_latency(out, sinks);
}

void add_problems(families& out) {
  auto kept = recent_problems();
  auto& events =
    family(out, "sluice_log_events_total", MetricType::Counter,
           "Warnings and errors, including those below log.level.");
  put(events, kept.warnings,
      {{"level", std::string{name_of(log_level::warn)}}});
  put(events, kept.errors, {{"level", std::string{name_of(log_level::error)}}});
}

} // namespace

std::string metrics_text(const job_report* report, const live_job* live) {
  families out;
  gauge(out, "sluice_ledger_up", "1 if the ledger can be read.",
        report ? 1 : 0);
  gauge(out, "sluice_job_running", "1 if the job runs in this process.",
        live && live->is_running() ? 1 : 0);
  if (report)
    add_account(out, report->numbers);
  if (report && !report->context.row_sinks.empty())
    put_row_sinks(out, report->context.row_sinks);
  if (live) {
    auto view = live->snapshot();
    add_requests(out, live->counters());
    add_runs(out, live->counters());
    if (view.bucket)
      add_bucket(out, *view.bucket);
    add_sinks(out, view.sinks, view.now.captures);
  }
  add_problems(out);
  return prometheus::TextSerializer{}.Serialize(out);
}

} // namespace sluice

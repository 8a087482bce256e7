#include "pipeline/report/job_report.hpp"

#include "actors/sinks/registry.hpp"
#include "pipeline/report/utc_text.hpp"

#include <algorithm>

namespace sluice {

namespace {

void put_urls(json_writer& out, const account& numbers) {
  out.Key("urls");
  out.StartObject();
  put(out, "total", numbers.total());
  put(out, "captured", numbers.captured);
  put(out, "missing", numbers.missing);
  put(out, "failed", numbers.failed);
  put(out, "rejected", numbers.rejected);
  put(out, "held", numbers.held);
  put(out, "set_aside", numbers.set_aside);
  put(out, "pending", numbers.pending);
  put(out, "invalid", numbers.invalid);
  put(out, "duplicate", numbers.duplicate);
  out.EndObject();
}

void put_work(json_writer& out, const account& numbers, uint64_t given_up) {
  out.Key("runs");
  out.StartObject();
  put(out, "accepted", numbers.runs);
  put(out, "open", numbers.open_runs);
  put(out, "urls", numbers.bought);
  out.EndObject();
  out.Key("captures");
  out.StartObject();
  put(out, "delivered", numbers.captures);
  put(out, "extra", numbers.unmatched);
  put(out, "repeated", numbers.repeated);
  put(out, "short", numbers.shortfall);
  put(out, "dead_lettered", numbers.dead_letters);
  put(out, "given_up", given_up);
  out.EndObject();
  out.Key("requests");
  out.StartObject();
  put(out, "submits", numbers.requests.submits);
  put(out, "polls", numbers.requests.polls);
  put(out, "pages", numbers.requests.pages);
  put(out, "rate_limited", numbers.requests.rate_limited);
  out.EndObject();
}

/// Percentages that add up to 100; null if no time was spent.
void put_why(json_writer& out, const account& numbers) {
  auto shares = per_cent(numbers.spent);
  out.Key("why");
  if (std::all_of(shares.begin(), shares.end(),
                  [](auto share) { return share == 0; })) {
    out.Null();
    return;
  }
  out.StartObject();
  for (size_t i = 0; i < bottlenecks; ++i) {
    out.Key(name_of(static_cast<bottleneck>(i)).data());
    out.Uint(shares[i]);
  }
  out.EndObject();
}

/// Null if it is unknown.
void put_time(json_writer& out, const char* name, int64_t time_ms) {
  if (time_ms > 0)
    put(out, name, utc_stamp(time_ms));
  else
    put_null(out, name);
}

void put_batches(json_writer& out, const char* name,
                 const std::vector<stuck_batch>& batches) {
  out.Key(name);
  out.StartArray();
  for (auto& batch : batches) {
    out.StartObject();
    put(out, "batch", static_cast<uint64_t>(batch.key));
    put(out, "urls", batch.urls);
    put(out, "reason", batch.reason);
    if (batch.run_id.empty())
      put_null(out, "run");
    else
      put(out, "run", batch.run_id);
    put(out, "robot", batch.robot);
    put_time(out, "submitted_at", batch.submitted_at_ms);
    out.EndObject();
  }
  out.EndArray();
}

void put_round(json_writer& out, const round_report& round) {
  out.StartObject();
  put(out, "round", round.number);
  put_time(out, "begun_at", round.begun_at_ms);
  out.Key("taken");
  out.StartObject();
  put(out, "missing", round.taken.missing);
  put(out, "failed", round.taken.failed);
  put(out, "rejected", round.taken.rejected);
  out.EndObject();
  out.Key("urls");
  out.StartObject();
  put(out, "total", round.urls);
  put(out, "captured", round.captured);
  put(out, "missing", round.missing);
  put(out, "failed", round.failed);
  put(out, "rejected", round.rejected);
  put(out, "held", round.held);
  put(out, "set_aside", round.set_aside);
  put(out, "pending", round.pending);
  out.EndObject();
  put(out, "runs", round.runs);
  put(out, "captures", round.captures);
  out.EndObject();
}

void put_rounds(json_writer& out, const std::vector<round_report>& rounds) {
  out.Key("rounds");
  out.StartArray();
  for (auto& round : rounds)
    put_round(out, round);
  out.EndArray();
}

void put_credits_bought(json_writer& out, const std::optional<double>& most) {
  if (most)
    put_number(out, "credits_bought", *most);
  else
    put_null(out, "credits_bought");
}

/// Null without runs.max_credits.
void put_credit_limit(json_writer& out,
                      const std::optional<credit_use>& limit) {
  if (!limit)
    return put_null(out, "credit_limit");
  out.Key("credit_limit");
  out.StartObject();
  put(out, "most", limit->most);
  put_number(out, "committed", limit->committed);
  put(out, "used_up", limit->used_up);
  out.EndObject();
}

/// The exit code that `run` would end with.
int exit_code_now(const job_report& report) {
  if (!report.imported)
    return exit_code_of(make_error(ec::stopped, ""));
  auto& limit = report.context.credit_limit;
  auto is_limited = limit && !limit->used_up.empty();
  return exit_code_for(report.numbers,
                       is_limited ? make_error(ec::limited, "") : caf::error{});
}

/// The dead letter files of the sinks that have one.
std::vector<std::string> dead_letter_files(const settings& config) {
  constexpr auto key = "dead_letter";
  std::vector<std::string> files;
  for (auto& sink : config.sinks) {
    auto* type = find_sink_type(sink.type);
    auto may_have =
      type != nullptr
      && std::any_of(type->spec.fields.begin(), type->spec.fields.end(),
                     [&](auto& field) { return field.name == key; });
    if (may_have && sink.fields.has(key))
      files.push_back(sink.fields.text(key));
  }
  return files;
}

caf::expected<uint64_t> given_up_of(run_store& store, const settings& config) {
  uint64_t result = 0;
  for (auto& sink : config.sinks) {
    auto* type = find_sink_type(sink.type);
    auto position = store.position_of(sink.name);
    if (!position)
      return position.error();
    if (*position && type != nullptr && type->given_up)
      result += type->given_up(**position);
  }
  return result;
}

/// Only reports for people show any.
constexpr size_t most_invalid = 5;

} // namespace

caf::expected<job_report>
read_job_report(job_store& store, const settings& config, size_t listed) {
  job_report report;
  report.job = config.name;
  auto id = store.job_id();
  if (!id)
    return id.error();
  report.job_id = std::move(*id);
  auto imported = store.is_imported();
  if (!imported)
    return imported.error();
  report.imported = *imported;
  auto numbers = store.report();
  if (!numbers)
    return numbers.error();
  report.numbers = *numbers;
  auto held = store.held_batches(listed);
  if (!held)
    return held.error();
  auto set_aside = store.set_aside_runs(listed);
  if (!set_aside)
    return set_aside.error();
  auto rejected = store.rejected_batches(listed);
  if (!rejected)
    return rejected.error();
  auto failed = store.failed_batches(listed);
  if (!failed)
    return failed.error();
  auto credit_limit = credit_use_of(store, *numbers, config);
  if (!credit_limit)
    return credit_limit.error();
  auto invalid = store.invalid_records(std::min(listed, most_invalid));
  if (!invalid)
    return invalid.error();
  auto given_up = given_up_of(store, config);
  if (!given_up)
    return given_up.error();
  auto row_sinks = row_sinks_of(store, config);
  if (!row_sinks)
    return row_sinks.error();
  auto& context = report.context;
  context.given_up = *given_up;
  context.row_sinks = std::move(*row_sinks);
  context.ledger_file = config.ledger.string();
  context.credits_per_unit = config.api.profile->credits_per_unit;
  context.unit_is_url =
    config.api.profile->budget_unit == api_profile::unit::urls;
  context.by_download = config.captures.download;
  context.rehearsed = config.rehearsed;
  context.credit_limit = std::move(*credit_limit);
  context.credits_bought = most_cost(config, numbers->bought, numbers->runs);
  context.dead_letter_files = dead_letter_files(config);
  context.held = std::move(*held);
  context.set_aside = std::move(*set_aside);
  context.rejected = std::move(*rejected);
  context.failed = std::move(*failed);
  context.invalid = std::move(*invalid);
  return report;
}

std::string report_json(const job_report& report) {
  return report_json(report, [](json_writer&) {});
}

std::string report_json(const job_report& report,
                        const std::function<void(json_writer&)>& more) {
  rapidjson::StringBuffer text;
  json_writer out{text};
  auto& numbers = report.numbers;
  auto finished = report.imported && is_finished(numbers);
  out.StartObject();
  put(out, "job", report.job);
  put(out, "job_id", report.job_id);
  put(out, "ledger", report.context.ledger_file);
  put_flag(out, "imported", report.imported);
  put_flag(out, "finished", finished);
  out.Key("exit_code");
  out.Int(exit_code_now(report));
  put_urls(out, numbers);
  put_work(out, numbers, report.context.given_up);
  put_number(out, "credits", credits_of(numbers, report.context));
  put_credits_bought(out, report.context.credits_bought);
  put_credit_limit(out, report.context.credit_limit);
  put_number(out, "seconds",
             std::chrono::duration<double>{numbers.elapsed}.count());
  put_why(out, numbers);
  put_row_sinks(out, report.context.row_sinks);
  put_rounds(out, numbers.rounds);
  put_batches(out, "held", report.context.held);
  put_batches(out, "set_aside", report.context.set_aside);
  put_batches(out, "rejected", report.context.rejected);
  put_batches(out, "failed", report.context.failed);
  more(out);
  out.EndObject();
  return std::string{text.GetString(), text.GetSize()} + "\n";
}

} // namespace sluice

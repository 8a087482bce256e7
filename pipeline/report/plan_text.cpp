#include "pipeline/report/plan_text.hpp"

#include "core/base/error.hpp"
#include "core/base/units.hpp"
#include "pipeline/report/counted.hpp"
#include "pipeline/report/job_limits.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace sluice {

namespace {

constexpr size_t name_width = 14;
constexpr size_t value_width = 14;

void plan_row(std::ostringstream& out, std::string_view name,
              const std::string& value, const std::string& meaning) {
  auto pad = [](size_t width, size_t used) {
    return std::string(width - std::min(width, used), ' ');
  };
  out << "  " << name << pad(name_width, name.size())
      << pad(value_width, value.size()) << value;
  if (!meaning.empty())
    out << "  " << meaning;
  out << '\n';
}

std::string span(double seconds) {
  return human_duration(std::chrono::duration_cast<std::chrono::nanoseconds>(
    std::chrono::duration<double>{seconds}));
}

void input_rows(std::ostringstream& out, const import_counts& counts) {
  out << "Input\n";
  plan_row(out, "records", human_count(counts.records), "");
  plan_row(out, "invalid", human_count(counts.invalid),
           "not an http or https URL; skipped");
  plan_row(out, "duplicate", human_count(counts.duplicates),
           "listed before; submitted once");
  plan_row(out, "URLs", human_count(counts.urls), "to be submitted");
}

void host_rows(std::ostringstream& out, const host_counts& hosts) {
  constexpr size_t most_shown = 10;
  auto shown = hosts.largest(most_shown);
  out << "Hosts\n";
  for (auto& each : shown)
    plan_row(out, printable(each.host), human_count(each.urls),
             "robot " + printable(each.note));
  if (auto more = hosts.size() - shown.size(); more > 0)
    plan_row(out, "… and", human_count(more), "more hosts");
  if (hosts.unnamed() > 0)
    plan_row(out, "others", human_count(hosts.unnamed()),
             "URLs of hosts beyond the first "
               + human_count(host_counts::most_hosts));
}

void request_rows(std::ostringstream& out, const request_plan& requests,
                  const plan_terms& terms) {
  out << "Requests\n";
  plan_row(out, "submits", human_count(requests.submits),
           "runs of up to " + counted(terms.urls_per_run, "URL"));
  plan_row(out, "polls", human_count(requests.polls), "at least one per run");
  if (terms.download)
    plan_row(out, "downloads", human_count(requests.pages), "one per run");
  else
    plan_row(out, "pages", human_count(requests.pages),
             "of " + counted(terms.page_size, "capture")
               + ", if each URL has one");
  plan_row(out, "total", human_count(requests.total()), "");
}

const char* bound_name(plan_bound bound) {
  switch (bound) {
    case plan_bound::tokens:
      return "tokens";
    case plan_bound::slots:
      return "slots";
    default:
      return "one run";
  }
}

void time_rows(std::ostringstream& out, const time_plan& time,
               const request_plan& requests, const plan_terms& terms) {
  out << "Minimum time\n";
  if (terms.requests_per_minute > 0)
    plan_row(out, "tokens", span(time.tokens),
             counted(requests.total(), "request") + " at "
               + human_count(terms.requests_per_minute) + " a minute, "
               + human_count(terms.burst) + " at once");
  plan_row(out, "slots", span(time.slots),
           "the time of " + counted(requests.submits, "run") + " over "
             + counted(terms.max_concurrent, "slot"));
  plan_row(out, "one run", span(time.run),
           "the longest; a full one is assumed to take "
             + span(terms.run_seconds) + ": see --run-time");
  plan_row(out, "least", span(time.least()),
           std::string{"bound by "} + bound_name(time.bound()));
}

void credit_rows(std::ostringstream& out, const settings& config, uint64_t urls,
                 uint64_t runs) {
  out << "Credits\n";
  auto most = most_credits(config, urls, runs);
  plan_row(out, "at most",
           most ? human_count(static_cast<uint64_t>(std::llround(*most)))
                : "no bound",
           most ? "" : "runs.budget is none, so a crawl may cost any amount");
  if (config.runs.max_credits)
    plan_row(out, "limit", human_count(*config.runs.max_credits),
             "runs.max_credits: submitting stops when it is used up");
}

void advice_rows(std::ostringstream& out,
                 const std::vector<plan_advice>& advices, double before) {
  if (advices.empty())
    return;
  out << "Faster with\n";
  for (auto& advice : advices)
    out << "  " << advice.key << ": " << advice.value << "  takes "
        << span(advice.seconds) << " instead of " << span(before)
        << (advice.key == "runs.max_concurrent"
              ? ", if your subscription allows that many runs at once"
              : "")
        << '\n';
}

void invalid_rows(std::ostringstream& out, const import_counts& counts,
                  const std::vector<invalid_record>& invalid) {
  if (invalid.empty())
    return;
  out << "Invalid\n";
  for (auto& record : invalid)
    out << "  " << printable(record.source) << ':' << record.line << ": "
        << record.reason << ": " << printable(record.text, 80) << '\n';
  if (counts.invalid > invalid.size())
    out << "  … and " << human_count(counts.invalid - invalid.size())
        << " more\n";
}

} // namespace

std::optional<double>
most_credits(const settings& config, uint64_t urls, uint64_t runs) {
  auto once = most_cost(config, urls, runs);
  if (!once)
    return std::nullopt;
  return *once * (1 + config.runs.retry_missing);
}

std::string plan_text(const settings& config, const import_counts& counts,
                      const urls_by_robot& urls, const host_counts& hosts,
                      const std::vector<invalid_record>& invalid,
                      const plan_terms& terms) {
  std::ostringstream out;
  auto requests = plan_requests(urls, terms);
  auto time = plan_time(urls, terms);
  input_rows(out, counts);
  host_rows(out, hosts);
  request_rows(out, requests, terms);
  time_rows(out, time, requests, terms);
  credit_rows(out, config, counts.urls, requests.submits);
  advice_rows(out, advise(urls, terms), time.least());
  invalid_rows(out, counts, invalid);
  return out.str();
}

} // namespace sluice

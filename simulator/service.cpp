#include "simulator/service.hpp"

#include "simulator/json_text.hpp"
#include "simulator/signed_url.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace sluice::sim {

namespace {

request_kind kind_of(const route& to) noexcept {
  switch (to.to) {
    case route::target::submit:
      return request_kind::submit;
    case route::target::status:
      return request_kind::status;
    case route::target::page:
      return request_kind::page;
    case route::target::download:
      return request_kind::download;
    default:
      return request_kind::other;
  }
}

template <class Counts, class Index>
void count(Counts& counts, Index index) {
  ++counts[static_cast<size_t>(index)];
}

/// The maximum number of runs in a list.
constexpr size_t max_listed_runs = 100;

/// The lines of `text`, each ended by a line feed.
std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> result;
  while (!text.empty()) {
    auto end = text.find('\n');
    result.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return result;
}

api_reply error_reply(int status, std::string_view message) {
  api_reply reply;
  reply.status = status;
  reply.body = write_error(status, message);
  return reply;
}

api_reply json_reply(int status, std::string body) {
  api_reply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

api_reply html_reply() {
  api_reply reply;
  reply.status = 502;
  reply.content_type = "text/html";
  reply.body = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
               "<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
               "</body>\r\n</html>\r\n";
  return reply;
}

api_reply nothing_here() {
  return error_reply(404, "there is nothing at this path");
}

api_reply no_such_run() {
  return error_reply(404, "there is no such run");
}

std::string parameter(const api_request& request, std::string_view name) {
  auto found = request.parameters.find(std::string{name});
  return found == request.parameters.end() ? std::string{} : found->second;
}

capture_rules rules_of(const simulator_options& options) {
  return {chance{options.seed}, options.captures_per_url, options.missing,
          options.extra};
}

listing_options listing_of(const simulator_options& options, dialect form) {
  return {form, options.page_size, options.overlap, rules_of(options)};
}

run_content
content_of(submission asked, dialect form, const capture_rules& rules) {
  constexpr auto unlimited = ~uint64_t{0};
  auto budget = asked.budget.value_or(unlimited);
  auto url_budget = form == dialect::v0 ? unlimited : budget;
  auto capture_budget = form == dialect::v0 ? budget : unlimited;
  run_content content;
  content.robot = std::move(asked.robot);
  content.urls = std::move(asked.urls);
  content.url_count = asked.url_count;
  content.url_limit =
    static_cast<uint32_t>(std::min<uint64_t>(content.url_count, url_budget));
  content.captures = std::min(count_captures(content, rules), capture_budget);
  return content;
}

} // namespace

service::service(const simulator_options& options, dialect form,
                 sim_clock clock)
    : options_{options},
      form_{form},
      runs_rule_{
        value_of(runs_rule_words, options.list_runs).value_or(runs_rule::off)},
      clock_{clock},
      dice_{options.seed},
      rules_{rules_of(options)},
      listing_{listing_of(options, form), options.capture_bytes},
      world_{options},
      bucket_{options.requests_per_minute, options.burst} {}

fault service::admit(const route& to) {
  std::lock_guard guard{mutex_};
  count(counters_.requests, kind_of(to));
  auto fate =
    draw_fault(options_, dice_, arrivals_++, to.to == route::target::submit);
  count(counters_.faults, fate);
  return fate;
}

api_reply
service::answer(const api_request& request, fault fate, sim_time now) {
  auto reply = answer_to(request, fate, now);
  if (options_.quota_headers && request.to.to != route::target::file)
    reply.left = left_of_bucket();
  return reply;
}

std::optional<quota> service::left_of_bucket() {
  std::lock_guard guard{mutex_};
  if (!bucket_.is_limited())
    return std::nullopt;
  auto seconds = std::ceil(bucket_.seconds_to_full() / options_.speed);
  return quota{bucket_.capacity(), bucket_.left(),
               static_cast<uint32_t>(seconds)};
}

api_reply
service::answer_to(const api_request& request, fault fate, sim_time now) {
  if (auto refused = refuse(request, fate, now))
    return *std::move(refused);
  auto reply = process(request, now);
  if (fate == fault::late_500)
    return error_reply(500, "simulated failure");
  return reply;
}

std::optional<api_reply>
service::refuse(const api_request& request, fault fate, sim_time now) {
  if (fate == fault::html_error)
    return html_reply();
  if (request.to.to != route::target::file) {
    if (!has_key(request))
      return error_reply(401, "the API key is missing or wrong");
    std::lock_guard guard{mutex_};
    if (!bucket_.take(now)) {
      count(counters_.rate_limited, kind_of(request.to));
      auto reply = error_reply(429, "too many requests: wait 15 seconds");
      reply.retry_after =
        static_cast<uint32_t>(std::ceil(options_.retry_after / options_.speed));
      return reply;
    }
  }
  if (fate == fault::error_503)
    return error_reply(503, "simulated outage");
  if (fate == fault::error_500)
    return error_reply(500, "simulated failure");
  return std::nullopt;
}

bool service::has_key(const api_request& request) const {
  constexpr std::string_view prefix = "Bearer ";
  if (!request.authorization || !request.authorization->starts_with(prefix))
    return false;
  std::string_view header = *request.authorization;
  header.remove_prefix(prefix.size());
  return options_.key.empty() ? !header.empty() : header == options_.key;
}

api_reply service::process(const api_request& request, sim_time now) {
  switch (request.to.to) {
    case route::target::submit:
      return submit(request, now);
    case route::target::runs:
      return list_runs(now);
    case route::target::status:
      return show(request, now);
    case route::target::page:
      return list(request, now);
    case route::target::download:
      return sign(request, now);
    case route::target::file:
      return send_file(request, now);
    default:
      return nothing_here();
  }
}

api_reply service::submit(const api_request& request, sim_time now) {
  auto read = read_submission(form_, request.body, options_.reject_containing);
  if (auto* refused = std::get_if<refusal>(&read))
    return error_reply(refused->status, refused->message);
  auto content =
    content_of(std::get<submission>(std::move(read)), form_, rules_);
  std::lock_guard guard{mutex_};
  auto known = keys_.find(request.idempotency_key);
  if (known != keys_.end())
    return repeat(known->second, request, now);
  return create(std::move(content), request, now);
}

api_reply
service::create(run_content content, const api_request& request, sim_time now) {
  auto seen = memory_.add(content.urls);
  counters_.urls_submitted += content.url_count;
  counters_.urls_submitted_twice += seen.urls_seen_before;
  counters_.runs_created += 1;
  counters_.runs_created_twice += seen.set_seen_before ? 1 : 0;
  auto run = world_.create(std::move(content), now);
  counters_.late_captures += run.is_late ? 1 : 0;
  if (!request.idempotency_key.empty())
    keys_[request.idempotency_key] = {run.content->id, hash_of(request.body)};
  return json_reply(created_status(form_),
                    write_created(form_, report_of(run)));
}

api_reply service::repeat(const keyed_run& known, const api_request& request,
                          sim_time now) {
  if (known.body_hash != hash_of(request.body))
    return error_reply(422, "the idempotency key was used for another body");
  auto run = world_.find(known.id, now);
  if (!run)
    return no_such_run();
  counters_.submits_repeated += 1;
  return json_reply(created_status(form_),
                    write_created(form_, report_of(*run)));
}

api_reply service::list_runs(sim_time now) {
  if (runs_rule_ == runs_rule::off)
    return nothing_here();
  std::string body = R"({"items":[)";
  for (auto& run : newest(max_listed_runs, now)) {
    if (body.back() != '[')
      body += ',';
    std::optional<std::string_view> urls;
    if (runs_rule_ == runs_rule::urls) {
      load_urls(run);
      urls = run.content->urls;
    }
    append_listed_run(body, report_of(run), urls);
  }
  return json_reply(200, body + "]}");
}

api_reply service::show(const api_request& request, sim_time now) {
  auto run = find(request.to.name, now);
  if (!run)
    return no_such_run();
  return json_reply(200, write_run(form_, report_of(*run)));
}

api_reply service::list(const api_request& request, sim_time now) {
  auto run_id = parameter(request, run_parameter(form_));
  if (run_id.empty())
    return error_reply(400, std::string{run_parameter(form_)} + " is missing");
  auto run = find_whole(run_id, now);
  if (!run)
    return no_such_run();
  cursor from;
  auto text = parameter(request, "cursor");
  if (form_ != dialect::array && !text.empty()) {
    auto read = listing_.read(text, run_id);
    if (!read)
      return error_reply(400, "the cursor is not one of this run");
    from = *read;
  }
  auto made = listing_.page_at(*run, from);
  count_served(made.captures, made.overlaps);
  return json_reply(200, std::move(made.body));
}

api_reply service::sign(const api_request& request, sim_time now) {
  auto run = find(request.to.name, now);
  if (!run)
    return no_such_run();
  if (!run->is_terminal())
    return error_reply(409, "the run has not ended yet");
  if (run->state != run_state::completed)
    return error_reply(404, "a run that did not complete has no download");
  auto signed_at =
    now - (next_link_is_expired() ? link_lifetime * 2 : sim_time::zero());
  std::string url = origin_;
  url += file_prefix;
  url += sign_file(request.to.name, signed_at, dice_);
  std::string body = R"({"url":)";
  append_json_string(body, url);
  return json_reply(200, body + '}');
}

api_reply service::send_file(const api_request& request, sim_time now) {
  if (request.authorization)
    return error_reply(400, "only one auth mechanism allowed: the URL is "
                            "signed, send it without Authorization");
  auto run_id = read_signed_file(request.to.name, parameter(request, "expires"),
                                 parameter(request, "signature"), now, dice_);
  if (!run_id)
    return error_reply(403, "the URL's signature is wrong or has expired");
  auto run = find_whole(*run_id, now);
  if (!run)
    return no_such_run();
  count_served(run->listed, false);
  api_reply reply;
  reply.content_type = "application/octet-stream";
  auto cut = dice_.hits(options_.cut_frames, draw::frame_is_cut,
                        hash_of(parameter(request, "signature")));
  reply.pieces = listing_.download(*run, cut);
  return reply;
}

bool service::next_link_is_expired() {
  std::lock_guard guard{mutex_};
  return dice_.hits(options_.expired_links, draw::link_is_expired, links_++);
}

std::optional<run_view> service::find(std::string_view id, sim_time now) {
  std::lock_guard guard{mutex_};
  return world_.find(id, now);
}

std::optional<run_view> service::find_whole(std::string_view id, sim_time now) {
  std::lock_guard guard{mutex_};
  auto run = world_.find(id, now);
  if (run)
    world_.load_urls(*run);
  return run;
}

void service::load_urls(run_view& run) {
  std::lock_guard guard{mutex_};
  world_.load_urls(run);
}

std::vector<run_view> service::newest(size_t most, sim_time now) {
  std::lock_guard guard{mutex_};
  return world_.newest(most, now);
}

void service::count_served(uint64_t captures, bool overlaps) {
  std::lock_guard guard{mutex_};
  counters_.captures_served += captures;
  counters_.overlaps += overlaps ? 1 : 0;
}

run_report service::report_of(const run_view& run) const {
  run_report report;
  report.id = run.content->id;
  report.robot = run.content->robot;
  report.state = word_of(run_state_words, run.state);
  report.shows_progress = options_.progress;
  report.extracted = run.extracted;
  report.queue = run.queue;
  report.created_ms = clock_.epoch_ms(run.created);
  if (run.started)
    report.started_ms = clock_.epoch_ms(*run.started);
  return report;
}

void service::refill_bucket() {
  std::lock_guard guard{mutex_};
  bucket_ = server_bucket{options_.requests_per_minute, options_.burst};
}

std::string service::stats(sim_time now) {
  std::lock_guard guard{mutex_};
  return write_stats(counters_, world_.count(now),
                     clock_.epoch_ms(sim_time{0}));
}

void service::reset_stats() {
  std::lock_guard guard{mutex_};
  counters_ = {};
}

void service::each_run(sim_time now,
                       const std::function<void(const created_run&)>& visit) {
  auto runs = newest(std::numeric_limits<size_t>::max(), now);
  for (; !runs.empty(); runs.pop_back()) {
    auto& run = runs.back();
    load_urls(run);
    visit({run.content->id, run.content->robot,
           std::string{word_of(run_state_words, run.state)},
           lines_of(run.content->urls), listing_.captures_of(*run.content)});
  }
}

} // namespace sluice::sim

#include "config/build_profile.hpp"

#include "config/check.hpp"
#include "config/profile_fields.hpp"
#include "core/base/ascii.hpp"
#include "core/base/error.hpp"
#include "core/base/secrets.hpp"
#include "core/base/url.hpp"
#include "core/http/http_field.hpp"

#include <algorithm>
#include <set>

namespace sluice::config {

namespace {

using std::chrono::milliseconds;
using names = std::set<std::string, std::less<>>;
using texts = std::vector<std::string>;

/// What all parts of the build share.
struct profile_job {
  const node& root;
  const section& values;
  finding_list& findings;

  void refuse(std::string_view path, std::string_view message) const {
    findings.add(place_in(root, path), message);
  }

  [[nodiscard]] std::string text_or_empty(std::string_view key) const {
    return values.has(key) ? values.text(key) : std::string{};
  }

  [[nodiscard]] uint32_t number(std::string_view key) const {
    return static_cast<uint32_t>(values.get<int64_t>(key));
  }

  [[nodiscard]] std::vector<int> statuses(std::string_view key) const {
    auto& list = values.get<std::vector<int64_t>>(key);
    return {list.begin(), list.end()};
  }
};

/// Refuses a ${…} whose name is not in `known`.
void check_template(const profile_job& job, std::string_view path,
                    std::string_view text, const names& known) {
  while (true) {
    auto begin = text.find("${");
    if (begin == std::string_view::npos)
      return;
    text.remove_prefix(begin + 2);
    auto end = text.find('}');
    auto name = text.substr(0, end);
    if (name.ends_with('?'))
      name.remove_suffix(1);
    if (end != std::string_view::npos && known.contains(name))
      continue;
    std::string list;
    for (auto& one : known)
      list += (list.empty() ? "${" : ", ${") + one + "}";
    job.refuse(path, std::string{path} + " names ${" + printable(name, 40)
                       + "}, which is unknown here: write one of " + list);
    return;
  }
}

std::string build_path(const profile_job& job, const std::string& part,
                       const names& known) {
  auto path = job.values.text(part + ".path");
  if (!path.starts_with('/'))
    job.refuse(part + ".path", part + ".path must start with \"/\"");
  check_template(job, part + ".path", path, known);
  return path;
}

query_template build_query(const profile_job& job, const std::string& part,
                           const names& known) {
  auto query = job.values.get<text_pairs>(part + ".query");
  for (auto& [name, text] : query)
    check_template(job, part + ".query", text, known);
  return query;
}

auth_scheme build_auth(const section& values) {
  return {values.choice("auth.in", auth_scheme::place_words),
          values.text("auth.name"), values.text("auth.prefix")};
}

/// Headers, in lower case, that sluice sets itself or that would change how the
/// request is framed or the reply is encoded.
const names& own_headers() {
  static const names list{"accept-encoding",  "authorization",
                          "connection",       "content-encoding",
                          "content-length",   "content-type",
                          "expect",           "host",
                          "keep-alive",       "proxy-authorization",
                          "proxy-connection", "te",
                          "trailer",          "transfer-encoding",
                          "upgrade"};
  return list;
}

/// `taken` holds the names already in use, in lower case; adds `name`.
void check_header_name(const profile_job& job, std::string_view path,
                       const std::string& name, names& taken) {
  auto where = std::string{path} + " names " + printable(name, 60);
  if (!is_field_name(name))
    job.refuse(path, where
                       + ", which is not a header name: write letters, "
                         "digits and hyphens");
  else if (!taken.insert(lower_case(name)).second)
    job.refuse(path, where
                       + ", which sluice or another key of the profile already "
                         "sets: remove it");
}

header_template build_headers(const profile_job& job, names& taken) {
  constexpr size_t most = 32;
  constexpr size_t longest = 1'024;
  const std::string path = "submit.headers";
  auto headers = job.values.get<text_pairs>(path);
  if (headers.size() > most)
    job.refuse(path, path + " names " + std::to_string(headers.size())
                       + " headers: write at most " + std::to_string(most));
  for (auto& [name, text] : headers) {
    check_header_name(job, path, name, taken);
    if (text.size() > longest)
      job.refuse(path, path + "." + printable(name, 60) + " is longer than "
                         + std::to_string(longest) + " bytes: shorten it");
    check_template(job, path, text, {"robot", "budget"});
    keep_header(name, text);
  }
  return headers;
}

std::optional<idempotency_dialect>
build_idempotency(const profile_job& job, names& taken) {
  const std::string path = "submit.idempotency";
  if (!job.values.has(path))
    return std::nullopt;
  idempotency_dialect out{job.values.text(path + ".header"),
                          job.values.get<milliseconds>(path + ".valid_for")};
  check_header_name(job, path + ".header", out.header, taken);
  return out;
}

submit_dialect build_submit(const profile_job& job) {
  auto& values = job.values;
  submit_dialect out;
  out.method = values.text("submit.method");
  out.path = build_path(job, "submit", {"robot", "budget"});
  out.query = build_query(job, "submit", {"robot", "budget"});
  auto taken = own_headers();
  if (build_auth(values).in == auth_scheme::place::header)
    taken.insert(lower_case(values.text("auth.name")));
  out.headers = build_headers(job, taken);
  out.as = values.choice("submit.encoding", submit_dialect::encoding_words);
  out.body = values.text("submit.body");
  check_template(job, "submit.body", out.body, {"robot", "urls", "budget"});
  if (out.body.find("${urls}") == std::string::npos)
    job.refuse("submit.body", "submit.body does not send the URLs: give a "
                              "member the value \"${urls}\"");
  out.ok = job.statuses("submit.ok");
  out.safe = job.statuses("submit.safe");
  out.id = values.get<texts>("submit.id");
  out.idempotency = build_idempotency(job, taken);
  return out;
}

status_dialect build_status(const profile_job& job) {
  auto& values = job.values;
  auto words = [&](const char* key) { return values.get<texts>(key); };
  status_dialect out;
  out.path = build_path(job, "status", {"id"});
  out.query = build_query(job, "status", {"id"});
  out.state = words("status.state");
  out.queued = words("status.map.queued");
  out.active = words("status.map.active");
  out.done = words("status.map.done");
  out.failed = words("status.map.failed");
  out.stopped = words("status.map.stopped");
  if (out.done.empty())
    job.refuse("status.map", "status.map.done is missing: without it no run "
                             "would ever end; write done: [completed]");
  out.extracted = words("status.extracted");
  out.queue = words("status.queue");
  out.started_at = words("status.started_at");
  out.save = values.get<std::map<std::string, std::string>>("status.save");
  for (auto& [name, pointer] : out.save)
    if (!pointer.empty() && pointer[0] != '/')
      job.refuse("status.save",
                 "status.save." + printable(name, 40)
                   + " is not a JSON Pointer: start it with \"/\"");
  return out;
}

pagination build_pagination(const profile_job& job) {
  pagination out;
  if (!job.values.has("results.page"))
    return out;
  out.by = job.values.choice("results.page.kind", pagination::kind_words);
  out.param = job.text_or_empty("results.page.param");
  out.next = job.values.get<texts>("results.page.next");
  out.size_param = job.text_or_empty("results.page.size_param");
  if (job.values.has("results.page.size"))
    out.size = job.number("results.page.size");
  out.total_header = job.text_or_empty("results.page.total_header");
  out.more = job.values.get<texts>("results.page.more");
  out.first = job.number("results.page.first");
  for (auto& key : page_keys_needed_by(out.by)) {
    auto is_empty = key == "param" ? out.param.empty() : out.next.empty();
    if (is_empty)
      job.refuse("results.page",
                 "results.page." + key + " is missing: write it; pages of kind "
                   + job.values.text("results.page.kind") + " need it");
  }
  return out;
}

results_dialect build_results(const profile_job& job, const names& known) {
  auto& values = job.values;
  results_dialect out;
  out.path = build_path(job, "results", known);
  out.query = build_query(job, "results", known);
  out.items = values.get<texts>("results.items");
  out.item_id = values.get<texts>("results.item_id");
  out.item_url = values.get<texts>("results.item_url");
  out.not_ready = job.statuses("results.not_ready");
  out.page = build_pagination(job);
  return out;
}

std::optional<download_dialect>
build_download(const profile_job& job, const names& known) {
  if (!job.values.has("download"))
    return std::nullopt;
  return download_dialect{build_path(job, "download", known),
                          job.values.get<texts>("download.url"),
                          job.values.text("download.codec")};
}

std::optional<find_dialect> build_find(const profile_job& job) {
  if (!job.values.has("find"))
    return std::nullopt;
  auto& values = job.values;
  return find_dialect{
    build_path(job, "find", {"robot"}), values.get<texts>("find.items"),
    values.get<texts>("find.id"), values.get<texts>("find.robot"),
    values.get<texts>("find.urls")};
}

} // namespace

std::string usable_base(const std::string& text) {
  auto parts = split_http_url(text);
  if (url_defect(text) != nullptr || !parts || !parts->user_info.empty()
      || text.find_first_of("?#@") != std::string::npos)
    return {};
  return text.substr(0, text.find_last_not_of('/') + 1);
}

api_profile build_profile(const std::string& name, const node& root,
                          const section& values, finding_list& findings) {
  profile_job job{root, values, findings};
  api_profile out;
  out.name = name;
  out.base = usable_base(values.text("base"));
  if (out.base.empty())
    job.refuse("base", std::string{"base is not a base URL: "} + base_remedy);
  out.auth = build_auth(values);
  out.requests_per_minute = job.number("rate.requests_per_minute");
  out.burst = job.number("rate.burst");
  out.wait_after_429 = values.get<milliseconds>("rate.wait_after_429");
  out.wait_header = values.text("rate.wait_header");
  out.submit = build_submit(job);
  out.status = build_status(job);
  names known{"id"};
  for (auto& [saved, pointer] : out.status.save)
    known.insert(saved);
  out.results = build_results(job, known);
  out.download = build_download(job, known);
  out.find = build_find(job);
  out.error = values.get<texts>("error");
  out.budget_unit = values.choice("budget_unit", api_profile::unit_words);
  out.credits_per_unit = values.get<double>("credits_per_unit");
  out.unverified = values.get<texts>("unverified");
  return out;
}

} // namespace sluice::config

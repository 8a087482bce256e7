#include "simulator/wire.hpp"

#include "core/base/json_picker.hpp"
#include "core/base/json_reader.hpp"
#include "core/base/utf8.hpp"
#include "simulator/json_text.hpp"

#include <utility>
#include <vector>

namespace sluice::sim {

namespace {

constexpr size_t max_robot_bytes = 256;

/// The names of a submit's members.
struct submit_names {
  const char* robot;
  const char* urls;
};

submit_names names_of(dialect form) noexcept {
  if (form == dialect::v0)
    return {"robot_id", "start_urls"};
  return {"robotId", "urls"};
}

bool is_http_url(std::string_view text) noexcept {
  if (!text.starts_with("http://") && !text.starts_with("https://"))
    return false;
  for (unsigned char byte : text)
    if (byte <= ' ' || byte == 0x7F)
      return false;
  return text.find("://") + 3 < text.size();
}

/// The members of a submit as they appear in the body.
struct wish {
  enum : size_t { whole, robot, robot_text, urls, budget, budget_count };
};

bool is_utf8(std::string_view text) noexcept {
  while (auto bytes = utf8_sequence(text))
    text.remove_prefix(bytes);
  return text.empty();
}

std::optional<refusal>
read_robot(std::vector<json_pick>& picks, const char* name, submission& out) {
  if (!picks[wish::robot].found)
    return refusal{400, std::string{name} + " is missing"};
  auto& text = picks[wish::robot_text].text;
  if (text.empty() || text.size() > max_robot_bytes || !is_utf8(text))
    return refusal{422, std::string{name} + " must name a robot"};
  out.robot = std::move(text);
  return std::nullopt;
}

/// Parses the array of URLs. The first invalid one ends the parsing.
class url_events {
public:
  url_events(const std::string& rejected, submission& out)
      : rejected_{rejected}, out_{out} {}

  bool name(const json_token&) { return false; }
  bool close(size_t) { return true; }
  bool open(bool is_array, size_t) {
    return (is_array && !std::exchange(opened_, true)) || refuse_value();
  }

  bool scalar(const json_token& token) {
    auto url = json_text(token, scratch_);
    if (!opened_ || token.kind != json_kind::string || !is_http_url(url)
        || !is_utf8(url))
      return refuse_value();
    if (!rejected_.empty() && url.find(rejected_) != url.npos)
      return refuse("this URL cannot be extracted: " + std::string{url});
    if (++out_.url_count > max_urls_per_run)
      return refuse("a run has at most " + std::to_string(max_urls_per_run)
                    + " URLs");
    out_.urls += url;
    out_.urls += '\n';
    return true;
  }

  std::optional<refusal> refused;

private:
  bool refuse(std::string why) {
    refused = refusal{422, std::move(why)};
    return false;
  }

  bool refuse_value() {
    return refuse(opened_ ? "URL number " + std::to_string(out_.url_count + 1)
                              + " is not an http or https URL"
                          : "the URLs must be a list");
  }

  const std::string& rejected_;
  submission& out_;
  std::string scratch_;
  bool opened_ = false;
};

std::optional<refusal> read_urls(const json_pick& list, const char* name,
                                 const std::string& rejected, submission& out) {
  if (!list.found)
    return refusal{400, std::string{name} + " is missing"};
  url_events events{rejected, out};
  static_cast<void>(read_json(list.json, 0, events));
  if (!events.refused && out.url_count == 0)
    return refusal{422, std::string{name} + " must be a list of URLs"};
  return std::move(events.refused);
}

std::optional<refusal>
read_budget(const std::vector<json_pick>& picks, submission& out) {
  auto& given = picks[wish::budget];
  if (!given.found || given.json == "null")
    return std::nullopt;
  out.budget = picks[wish::budget_count].count;
  if (out.budget.value_or(0) == 0)
    return refusal{422, "budget must be a whole number above 0"};
  return std::nullopt;
}

std::string_view error_type(int status) noexcept {
  switch (status) {
    case 400:
      return "BadRequest";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "NotFound";
    case 409:
      return "Conflict";
    case 413:
      return "PayloadTooLarge";
    case 422:
      return "UnprocessableEntity";
    case 429:
      return "TooManyRequests";
    case 503:
      return "ServiceUnavailable";
    default:
      return status < 500 ? "RequestFailed" : "InternalServerError";
  }
}

/// Writes a JSON object member by member.
class object_writer {
public:
  object_writer& text(std::string_view name, std::string_view value) {
    begin(name);
    append_json_string(out_, value);
    return *this;
  }

  template <class Number>
  object_writer& number(std::string_view name, Number value) {
    begin(name);
    out_ += std::to_string(value);
    return *this;
  }

  object_writer& literal(std::string_view name, std::string_view value) {
    begin(name);
    out_ += value;
    return *this;
  }

  [[nodiscard]] std::string done() const { return out_ + '}'; }

private:
  void begin(std::string_view name) {
    if (out_.size() > 1)
      out_ += ',';
    append_json_string(out_, name);
    out_ += ':';
  }

  std::string out_ = "{";
};

/// The lines of `text`, each ended by a line feed, as an array.
std::string array_of_lines(std::string_view text) {
  std::string out = "[";
  while (!text.empty()) {
    auto end = text.find('\n');
    if (out.size() > 1)
      out += ',';
    append_json_string(out, text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return out + ']';
}

std::string write_legacy_run(const run_report& run) {
  object_writer out;
  out.text("_id", run.id).text("status", run.state).text("robotId", run.robot);
  if (run.shows_progress)
    out.number("extractedCount", run.extracted).number("queueSize", run.queue);
  return out.done();
}

std::string write_v0_run(const run_report& run) {
  object_writer out;
  out.text("_id", run.id)
    .text("status", run.state)
    .text("robotId", run.robot)
    .text("robotName", "simulated")
    .text("name", run.id);
  if (run.shows_progress)
    out.number("extracted", run.extracted).number("inQueue", run.queue);
  out.literal("autoEnrich", "false").number("createdAt", run.created_ms);
  if (run.started_ms)
    out.number("startedAt", *run.started_ms);
  return out.done();
}

} // namespace

std::string_view prefix_of(dialect form) noexcept {
  return form == dialect::v0 ? "/v0/extract" : "";
}

std::string_view run_parameter(dialect form) noexcept {
  return form == dialect::v0 ? "run_id" : "runId";
}

std::string_view items_member(dialect form) noexcept {
  if (form == dialect::array)
    return "";
  return form == dialect::v0 ? "rows" : "items";
}

std::variant<submission, refusal> read_submission(dialect form,
                                                  const std::string& body,
                                                  const std::string& rejected) {
  auto names = names_of(form);
  const json_pointers whole{""}, robot_at{std::string{"/"} + names.robot},
    urls_at{std::string{"/"} + names.urls}, budget_at{"/budget"};
  json_picker picker{{json_want::any, whole},
                     {json_want::any, robot_at},
                     {json_want::text, robot_at, max_robot_bytes},
                     {json_want::any, urls_at},
                     {json_want::any, budget_at},
                     {json_want::count, budget_at}};
  auto picks = picker.pick(body);
  if (!picks || !is_utf8(body) || !picks->at(wish::whole).json.starts_with('{'))
    return refusal{400, "the body is not a JSON object"};
  submission result;
  if (auto error = read_robot(*picks, names.robot, result))
    return *error;
  if (auto error =
        read_urls(picks->at(wish::urls), names.urls, rejected, result))
    return *error;
  if (auto error = read_budget(*picks, result))
    return *error;
  return result;
}

std::string write_error(int status, std::string_view message) {
  return object_writer{}
    .text("error", error_type(status))
    .text("message", message)
    .done();
}

std::string write_run(dialect form, const run_report& run) {
  return form == dialect::v0 ? write_v0_run(run) : write_legacy_run(run);
}

void append_listed_run(std::string& out, const run_report& run,
                       const std::optional<std::string_view>& urls) {
  object_writer object;
  object.text("_id", run.id)
    .text("robotId", run.robot)
    .text("status", run.state);
  if (urls)
    object.literal("urls", array_of_lines(*urls));
  out += object.done();
}

std::string write_created(dialect form, const run_report& run) {
  if (form != dialect::v0)
    return write_legacy_run(run);
  object_writer out;
  out.text("id", run.id);
  return out.done();
}

int created_status(dialect form) noexcept {
  return form == dialect::v0 ? 202 : 201;
}

} // namespace sluice::sim

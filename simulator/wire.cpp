#include "simulator/wire.hpp"

#include "simulator/json_text.hpp"

#include <rapidjson/document.h>

#include <array>

namespace sluice::sim {

namespace {

constexpr std::array<std::string_view, 3> dialect_names{
  "extralt", "extralt-array", "extralt-v0"};

constexpr std::array<std::string_view, 3> runs_rule_names{"off", "ids", "urls"};

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

std::string_view text_of(const rapidjson::Value& value) noexcept {
  return {value.GetString(), value.GetStringLength()};
}

std::optional<refusal>
read_robot(const rapidjson::Value& body, const char* name, submission& out) {
  auto member = body.FindMember(name);
  if (member == body.MemberEnd())
    return refusal{400, std::string{name} + " is missing"};
  if (!member->value.IsString() || member->value.GetStringLength() == 0
      || member->value.GetStringLength() > max_robot_bytes)
    return refusal{422, std::string{name} + " must name a robot"};
  out.robot = text_of(member->value);
  return std::nullopt;
}

std::optional<refusal> read_url(const rapidjson::Value& value,
                                const std::string& rejected, submission& out) {
  if (!value.IsString() || !is_http_url(text_of(value)))
    return refusal{422, "URL number " + std::to_string(out.url_count + 1)
                          + " is not an http or https URL"};
  auto url = text_of(value);
  if (!rejected.empty() && url.find(rejected) != url.npos)
    return refusal{422, "this URL cannot be extracted: " + std::string{url}};
  out.urls += url;
  out.urls += '\n';
  ++out.url_count;
  return std::nullopt;
}

std::optional<refusal> read_urls(const rapidjson::Value& body, const char* name,
                                 const std::string& rejected, submission& out) {
  auto member = body.FindMember(name);
  if (member == body.MemberEnd())
    return refusal{400, std::string{name} + " is missing"};
  if (!member->value.IsArray() || member->value.Empty())
    return refusal{422, std::string{name} + " must be a list of URLs"};
  if (member->value.Size() > max_urls_per_run)
    return refusal{422, std::string{name} + " has more than "
                          + std::to_string(max_urls_per_run) + " URLs"};
  for (const auto& value : member->value.GetArray())
    if (auto error = read_url(value, rejected, out))
      return error;
  return std::nullopt;
}

std::optional<refusal>
read_budget(const rapidjson::Value& body, submission& out) {
  auto member = body.FindMember("budget");
  if (member == body.MemberEnd() || member->value.IsNull())
    return std::nullopt;
  if (!member->value.IsUint64() || member->value.GetUint64() == 0)
    return refusal{422, "budget must be a whole number above 0"};
  out.budget = member->value.GetUint64();
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

/// A JSON object, written member by member.
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

std::optional<dialect> find_dialect(std::string_view name) {
  for (size_t i = 0; i < dialect_names.size(); ++i)
    if (dialect_names[i] == name)
      return static_cast<dialect>(i);
  return std::nullopt;
}

std::optional<runs_rule> find_runs_rule(std::string_view name) {
  for (size_t i = 0; i < runs_rule_names.size(); ++i)
    if (runs_rule_names[i] == name)
      return static_cast<runs_rule>(i);
  return std::nullopt;
}

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
  constexpr unsigned flags =
    rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::Document document;
  document.Parse<flags>(body.data(), body.size());
  if (document.HasParseError() || !document.IsObject())
    return refusal{400, "the body is not a JSON object"};
  auto names = names_of(form);
  submission result;
  if (auto error = read_robot(document, names.robot, result))
    return *error;
  if (auto error = read_urls(document, names.urls, rejected, result))
    return *error;
  if (auto error = read_budget(document, result))
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

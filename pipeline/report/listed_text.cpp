#include "pipeline/report/listed_text.hpp"

#include "pipeline/report/json_members.hpp"
#include "pipeline/report/utc_text.hpp"

namespace sluice {

namespace {

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos)
    return text;
  std::string quoted = "\"";
  for (auto c : text)
    quoted += c == '"' ? std::string{"\"\""} : std::string{c};
  return quoted + "\"";
}

/// A URL that the import took is UTF-8 without control characters.
std::string url_of(const std::string& state, const listed_url& url) {
  return state == "invalid" ? escaped(url.url) : std::string{url.url};
}

std::string time_of(const listed_url& url) {
  return url.submitted_at_ms > 0 ? utc_stamp(url.submitted_at_ms)
                                 : std::string{};
}

void put_text(json_writer& out, const char* name, const std::string& text) {
  out.Key(name);
  out.String(text.c_str(), static_cast<rapidjson::SizeType>(text.size()));
}

void put_known(json_writer& out, const char* name, const std::string& text) {
  if (text.empty())
    put_null(out, name);
  else
    put_text(out, name, text);
}

std::string json_line(const std::string& state, const listed_url& url) {
  rapidjson::StringBuffer text;
  json_writer out{text};
  out.StartObject();
  put_text(out, "url", url_of(state, url));
  put_text(out, "state", state);
  put_known(out, "reason", std::string{url.reason});
  put_known(out, "run", printable(url.run_id, std::string::npos));
  put_known(out, "submitted_at", time_of(url));
  out.EndObject();
  return std::string{text.GetString(), text.GetSize()} + "\n";
}

std::string csv_line(const std::string& state, const listed_url& url) {
  return csv_field(url_of(state, url)) + "," + state + ","
         + csv_field(std::string{url.reason}) + ","
         + csv_field(printable(url.run_id, std::string::npos)) + ","
         + time_of(url) + "\r\n";
}

} // namespace

std::string listed_header(list_form form) {
  return form == list_form::csv ? "url,state,reason,run,submitted_at\r\n" : "";
}

std::string
listed_text(list_form form, const std::string& state, const listed_url& url) {
  switch (form) {
    case list_form::csv:
      return csv_line(state, url);
    case list_form::jsonl:
      return json_line(state, url);
    default:
      return url_of(state, url) + "\n";
  }
}

} // namespace sluice

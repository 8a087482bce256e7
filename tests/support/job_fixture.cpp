#include "tests/support/job_fixture.hpp"

#include <httplib.h>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace sluice::test {

simulator_options brisk_options() {
  simulator_options options;
  options.speed = 60;
  options.run_seconds = 10;
  options.key = secret_key;
  return options;
}

std::string url_lines(size_t count) {
  std::string lines;
  for (size_t i = 0; i < count; ++i)
    lines += "https://shop" + std::to_string(i % 7) + ".example/item/"
             + std::to_string(i) + "\n";
  return lines;
}

size_t lines_in(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

delivered read_captures(const std::string& text) {
  delivered result;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line); ++result.lines) {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseNumbersAsStringsFlag>(line.data(),
                                                          line.size());
    if (document.HasParseError() || !document.IsObject())
      throw std::runtime_error("not a JSON object: " + line.substr(0, 200));
    auto member = [&](const char* name) -> std::string {
      auto entry = document.FindMember(name);
      return entry != document.MemberEnd() && entry->value.IsString()
               ? entry->value.GetString()
               : "";
    };
    auto id = member("_id").empty() ? member("id") : member("_id");
    ++result.by_id[id];
    result.urls.insert(member("url"));
  }
  return result;
}

uint64_t in_account(const std::string& account, const std::string& name) {
  std::istringstream in{account};
  for (std::string line; std::getline(in, line);) {
    std::istringstream words{line};
    std::string first, number;
    words >> first >> number;
    if (first != name)
      continue;
    std::erase(number, ',');
    if (!number.empty()
        && number.find_first_not_of("0123456789") == std::string::npos)
      return std::stoull(number);
  }
  return 0;
}

uint64_t json_number(const std::string& json, const std::string& pointer) {
  rapidjson::Document document;
  document.Parse(json.c_str());
  auto* value = rapidjson::Pointer{pointer.c_str()}.Get(document);
  if (value == nullptr || !value->IsUint64())
    throw std::runtime_error("no number at " + pointer + " in " + json);
  return value->GetUint64();
}

uint64_t in_stats(const simulator& api, const std::string& pointer) {
  return json_number(api.stats(), pointer);
}

job_fixture::job_fixture(simulator_options options)
    : options_{options}, api_{options} {
  if (auto err = api_.start())
    throw std::runtime_error(what_of(err));
}

std::string job_fixture::config_text(const std::string& more) const {
  std::ostringstream out;
  auto ms = [&](double time) {
    return std::to_string(static_cast<int>(time / options_.speed)) + "ms";
  };
  out << "name: job\n"
      << "api:\n"
      << "  profile: "
      << (options_.dialect == "extralt-v0" ? "extralt-v0" : "extralt") << '\n'
      << "  base_url: " << api_.base_url() << '\n'
      << "  key: ${EXTRALT_API_KEY}\n"
      << "  requests_per_minute: "
      << static_cast<int>(options_.requests_per_minute * options_.speed) << '\n'
      << "  timeout: 5s\n"
      << "input: {urls: [urls.txt]}\n"
      << "runs: {robot: rbt_test, urls_per_run: 20}\n"
      << "poll: {interval: " << ms(10'000) << ", min_interval: " << ms(2'000)
      << ", max_interval: " << ms(30'000) << "}\n"
      << "sinks:\n"
      << "  - {type: file, path: captures.jsonl}\n"
      << more;
  return out.str();
}

void job_fixture::write_config(const std::string& more) {
  fill(folder_ / "job.yaml", config_text(more));
}

void job_fixture::write_urls(const std::string& lines) {
  fill(folder_ / "urls.txt", lines);
}

program_input
job_fixture::command(std::vector<std::string> more_arguments) const {
  program_input input;
  input.arguments = {"run", (folder_ / "job.yaml").string()};
  input.arguments.insert(input.arguments.end(), more_arguments.begin(),
                         more_arguments.end());
  input.environment = {{"EXTRALT_API_KEY", secret_key},
                       {"XDG_STATE_HOME", (folder_ / "state").string()}};
  return input;
}

program_result job_fixture::run(std::vector<std::string> more_arguments) const {
  return run_program(command(std::move(more_arguments)));
}

program_result job_fixture::call(const std::string& name,
                                 std::vector<std::string> more) const {
  auto input = command(std::move(more));
  input.arguments[0] = name;
  return run_program(input);
}

uint64_t job_fixture::status_of(const std::string& pointer) const {
  return json_number(call("status", {"--json"}).out, pointer);
}

delivered job_fixture::captures() const {
  return read_captures(content_of(folder_ / "captures.jsonl"));
}

void job_fixture::pause_answers(double seconds) const {
  httplib::Client client{"127.0.0.1", api_.port()};
  auto body = "{\"pause_seconds\": " + std::to_string(seconds) + "}";
  if (!client.Post("/__control", body, "application/json"))
    throw std::runtime_error("the simulator does not take a pause");
}

} // namespace sluice::test

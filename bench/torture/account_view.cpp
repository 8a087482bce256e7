#include "bench/torture/account_view.hpp"

#include "tests/support/job_fixture.hpp"

#include <rapidjson/document.h>
#include <rapidjson/pointer.h>

#include <sstream>
#include <stdexcept>

namespace sluice::torture {

namespace {

using rapidjson::Document;
using rapidjson::Value;

constexpr const char* url_states[] = {"captured", "missing", "failed",
                                      "rejected", "held",    "set_aside",
                                      "pending",  "invalid", "duplicate"};

const Value& at(const Value& document, const char* pointer) {
  auto* value = rapidjson::Pointer{pointer}.Get(document);
  if (value == nullptr)
    throw std::runtime_error(std::string{"status --json has no "} + pointer);
  return *value;
}

uint64_t number_at(const Value& document, const std::string& pointer) {
  auto& value = at(document, pointer.c_str());
  if (!value.IsUint64())
    throw std::runtime_error("status --json has no number at " + pointer);
  return value.GetUint64();
}

status_view view_of(const Document& document) {
  status_view result;
  for (auto* state : url_states)
    result.numbers[state] = number_at(document, std::string{"/urls/"} + state);
  result.numbers["total"] = number_at(document, "/urls/total");
  result.numbers["runs"] = number_at(document, "/runs/accepted");
  result.numbers["captures"] = number_at(document, "/captures/delivered");
  result.numbers["extra"] = number_at(document, "/captures/extra");
  result.numbers["short"] = number_at(document, "/captures/short");
  result.open_runs = number_at(document, "/runs/open");
  result.finished = at(document, "/finished").IsTrue();
  for (auto& batch : at(document, "/held").GetArray())
    result.held.emplace_back(number_at(batch, "/batch"),
                             number_at(batch, "/urls"));
  return result;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);)
    result.push_back(line);
  return result;
}

} // namespace

std::optional<status_view> read_status(const job& subject) {
  auto result = run_program(subject.command("status", {"--json"}));
  Document document;
  document.Parse(result.out.c_str());
  if (result.exit_code != 0 || document.HasParseError() || !document.IsObject())
    return std::nullopt;
  return view_of(document);
}

std::optional<std::vector<held_batch>> read_held(const job& subject) {
  auto status = read_status(subject);
  auto listed = run_program(subject.command("status", {"--list", "held"}));
  if (!status || listed.exit_code != 0)
    return std::nullopt;
  auto urls = lines_of(listed.out);
  std::vector<held_batch> result;
  size_t next = 0;
  for (auto [number, count] : status->held) {
    if (count > urls.size() - next)
      return std::nullopt;
    auto begin = urls.begin() + static_cast<ptrdiff_t>(next);
    result.push_back({number, {begin, begin + static_cast<ptrdiff_t>(count)}});
    next += count;
  }
  return next == urls.size() ? std::optional{result} : std::nullopt;
}

account_numbers numbers_in(const std::string& text) {
  account_numbers result;
  for (auto* state : url_states)
    result[state] = test::in_account(text, state);
  for (auto* name : {"total", "runs", "captures", "extra", "short"})
    result[name] = test::in_account(text, name);
  return result;
}

bool adds_up(const account_numbers& numbers) {
  uint64_t sum = 0;
  for (auto* state : url_states)
    sum += numbers.at(state);
  return sum == numbers.at("total");
}

} // namespace sluice::torture

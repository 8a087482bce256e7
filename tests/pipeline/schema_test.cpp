// `sluice schema` and `sluice check` agree on every key. Values of all kinds
// are generated from the specs, inserted at each key, and given to both. One
// kind is excluded: to JSON Schema 30.0 and 1e3 are whole numbers, equal to 30
// and 1000, while `check` requires plain digits.

#include "actors/sinks/registry.hpp"
#include "config/check.hpp"
#include "config/job.hpp"
#include "config/load.hpp"
#include "tests/support/json_schema.hpp"

#include <catch2/catch.hpp>

#include <stdlib.h>

#include <algorithm>
#include <functional>

using namespace sluice;
using namespace sluice::test;
using config::field;
using config::field_kind;

namespace {

constexpr const char* variable = "SLUICE_SCHEMA_TEST";

/// A key and a config around a value for it.
struct place {
  std::string path;
  const field* spec;
  std::function<std::string(const std::string&)> config;
};

/// A valid value, as JSON.
std::string sample(const field& spec) {
  switch (spec.kind) {
    case field_kind::boolean:
      return "true";
    case field_kind::integer:
      return std::to_string(spec.min.value_or(1));
    case field_kind::duration:
      return "\"" + std::to_string(spec.min.value_or(1)) + "ms\"";
    case field_kind::size:
      return std::to_string(spec.min.value_or(1));
    case field_kind::choice:
      return "\"" + spec.choices.front() + "\"";
    case field_kind::text_map:
      return "{}";
    case field_kind::columns:
      return R"([{"name": "x", "from": "/x"}])";
    default:
      if (!spec.choices.empty())
        return "\"" + spec.choices.front() + "\"";
      return spec.name == "url" ? R"("https://hooks.example/")" : "\"x\"";
  }
}

/// The members that a section requires, except `except`.
std::string needed_members(const field& spec, const std::string& except) {
  std::string out;
  for (auto& child : spec.children)
    if (child.required && child.name != except)
      out += ", \"" + child.name + "\": " + sample(child);
  return out.empty() ? out : out.substr(2);
}

/// The whole config with one section or other top-level key replaced.
std::string job_with(const std::string& name, const std::string& value) {
  std::map<std::string, std::string> parts{
    {"api", R"({"key": "k"})"},
    {"input", R"({"urls": "u.txt"})"},
    {"runs", R"({"robot": "r"})"},
    {"sinks", R"([{"type": "stdout"}])"}};
  parts[name] = value;
  std::string out;
  for (auto& [key, text] : parts)
    out += (out.empty() ? "{\"" : ", \"") + key + "\": " + text;
  return out + "}";
}

void add_places(std::vector<place>& out, const field& section,
                const std::string& path,
                const std::function<std::string(const std::string&)>& around) {
  for (auto& child : section.children) {
    auto name = child.name;
    auto others = needed_members(section, name);
    auto put = [=](const std::string& value) {
      return around("{" + others + (others.empty() ? "" : ", ") + "\"" + name
                    + "\": " + value + "}");
    };
    out.push_back({path + name, &child, put});
    if (child.kind == field_kind::section)
      add_places(out, child, path + name + ".", put);
  }
}

std::vector<place> places_of(const field& job) {
  std::vector<place> out;
  for (auto& part : job.children) {
    auto name = part.name;
    auto around = [=](const std::string& value) {
      return job_with(name, value);
    };
    out.push_back({name, &part, around});
    if (part.kind == field_kind::section)
      add_places(out, part, name + ".", around);
    if (part.kind == field_kind::typed_list)
      for (auto& type : part.children)
        add_places(
          out, type, name + "[" + type.name + "].",
          [=](const std::string& value) { return around("[" + value + "]"); });
  }
  return out;
}

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

/// Characters of two bytes each.
std::string accented(int64_t characters) {
  std::string out;
  for (int64_t i = 0; i < characters; ++i)
    out += "é";
  return out;
}

/// Numbers at and beyond a key's bounds, plain and quoted.
void add_numbers(std::vector<std::string>& out, const field& spec) {
  for (auto bound : {spec.min, spec.max})
    if (bound)
      for (auto number : {*bound - 1, *bound, *bound + 1}) {
        auto text = std::to_string(number);
        for (auto* unit : {"", "ms", "s", "h", "KiB", "GiB"})
          out.push_back(quoted(text + unit));
        out.push_back(quoted("00" + text));
        out.push_back(text);
      }
}

std::vector<std::string> values_for(const field& spec) {
  std::vector<std::string> out{"null",
                               "true",
                               "false",
                               "0",
                               "1",
                               "-1",
                               "5",
                               "1.5",
                               "9464",
                               R"("")",
                               R"("5")",
                               R"("-5")",
                               R"("+5")",
                               R"(" 5")",
                               R"("0x1F")",
                               R"("1e3")",
                               R"("true")",
                               R"("True")",
                               R"("yes")",
                               R"("x")",
                               R"("null")",
                               R"("10s")",
                               R"("10 s")",
                               R"("10")",
                               R"("5m")",
                               R"("2h")",
                               R"("1d")",
                               R"("64KiB")",
                               R"("16MiB")",
                               R"("1GiB")",
                               R"("1TiB")",
                               R"("16mib")",
                               R"("a\tb")",
                               R"("a\u007f")",
                               R"("$")",
                               R"("$$")",
                               R"("$5")",
                               R"("${")",
                               R"("$${")",
                               R"("${}")",
                               R"("${1}")",
                               R"("a${-}b")",
                               "[]",
                               R"([""])",
                               R"(["a"])",
                               R"(["a", 5, true])",
                               "[null]",
                               "[[]]",
                               "[{}]",
                               "{}",
                               R"({"a": "b"})",
                               R"({"a": ""})",
                               R"({"a": 5})",
                               R"({"a": null})",
                               R"({"a": []})",
                               R"({"": "b"})",
                               R"({"a\nb": "c"})"};
  for (auto& word : spec.choices)
    out.push_back(quoted(word));
  if (spec.max && *spec.max < 1'000) {
    out.push_back(quoted(std::string(static_cast<size_t>(*spec.max), 'y')));
    out.push_back(quoted(std::string(static_cast<size_t>(*spec.max) + 1, 'y')));
    out.push_back(quoted(accented(*spec.max)));
    out.push_back(quoted(accented(*spec.max + 1)));
  }
  out.push_back(quoted("${" + std::string{variable} + "}"));
  out.push_back(quoted("${" + std::string{variable} + ":-" + "x}"));
  add_numbers(out, spec);
  return out;
}

/// The findings of `check`, based only on the specs.
std::vector<config::finding>
findings_of(const std::string& text, const field& job) {
  config::finding_list findings;
  if (auto root = config::parse_document(text, "job.json", findings))
    static_cast<void>(config::check(*root, job, {"/folder"}, findings));
  return findings.take();
}

/// The text that a reference to it expands to in the test.
std::string referenced(const field& spec) {
  auto text = sample(spec);
  std::erase(text, '"');
  return text;
}

} // namespace

TEST_CASE("the schema and check agree on every value of every key") {
  auto specs = sink_specs();
  auto job = config::job_fields(specs);
  json_schema schema{config::json_schema(specs)};
  auto compared = 0, refused = 0;
  for (auto& [path, spec, config] : places_of(job)) {
    ::setenv(variable, referenced(*spec).c_str(), 1);
    for (auto& value : values_for(*spec)) {
      auto text = config(value);
      auto found = findings_of(text, job);
      auto objection = schema.objection(text);
      ++compared;
      refused += found.empty() ? 0 : 1;
      if (found.empty() == objection.empty())
        continue;
      FAIL_CHECK(
        path << ": " << value
             << "\n  check: " << (found.empty() ? "ok" : found.front().text())
             << "\n  schema: " << (objection.empty() ? "ok" : objection));
    }
  }
  ::unsetenv(variable);
  CHECK(compared > 3'000);
  CHECK(refused > 1'000);
}

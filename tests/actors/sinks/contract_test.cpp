// The promises of every registered sink, tested on each type and its output.
// The fixture of a type is in its own test file.

#include "actors/sinks/registry.hpp"
#include "tests/actors/sinks/contract_fixture.hpp"
#include "tests/support/pages.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace sluice;
using test::page_of;
using test::promise;

namespace {

using strings = std::vector<std::string>;

/// Numbers, escapes and white space that a careless sink would change.
const std::vector<strings> pages{
  {R"({"price": 12.340, "id":1152921504606846977})", R"({"a":"\u00e9\/\n"})"},
  {},
  {"{\n  \"b\": 1\r\n}"},
  {R"({"a":1,"a":2})", "\"\xC3\xA9\"", "3"},
};

std::string lines_of(const std::vector<size_t>& numbers) {
  std::string all;
  for (auto number : numbers)
    for (const auto& capture : pages.at(number)) {
      append_capture(all, capture);
      all += '\n';
    }
  return all;
}

/// One start of a sink. Errors are collected instead of asserted because
/// assertions would print to where the stdout sink writes.
class start {
public:
  start(const sink_type& type, const config::section& section,
        const std::optional<sink_position>& at, std::string& errors)
      : errors_(errors), sink_(type.make({"job", "name"}, section)) {
    note(sink_->open(at));
  }
  ~start() { note(sink_->close()); }

  void write(size_t number) {
    note(sink_->write(page_of(number + 1, pages.at(number))));
  }
  sink_position checkpoint() {
    auto position = sink_->checkpoint();
    note(position ? caf::error{} : position.error());
    return position ? *position : sink_position{};
  }

private:
  void note(const caf::error& err) {
    if (err)
      errors_ += what_of(err) + "\n";
  }
  std::string& errors_;
  std::unique_ptr<sink> sink_;
};

const sink_type& type_named(const std::string& name) {
  auto type = find_sink_type(name);
  REQUIRE(type);
  return *type;
}

} // namespace

std::map<test::sink_form, test::make_fixture>& test::contract_fixtures() {
  static std::map<sink_form, make_fixture> all;
  return all;
}

TEST_CASE("every sink type has a fixture for the contract",
          "[sinks][contract]") {
  std::set<std::string> tested;
  for (const auto& [form, make] : test::contract_fixtures())
    tested.insert(form.first);
  std::set<std::string> registered;
  for (const auto& type : sink_registry())
    registered.insert(type.spec.type);
  CHECK(tested == registered);
  CHECK(registered.size() == sink_registry().size());
  CHECK(find_sink_type("nonsense") == nullptr);
}

TEST_CASE("captures are written byte for byte and in order across a restart",
          "[sinks][contract]") {
  for (const auto& [form, make] : test::contract_fixtures()) {
    const auto& type = type_named(form.first);
    auto world = make();
    if (!world)
      continue;
    auto section = test::section_of(type.spec, world->section());
    std::string errors;
    sink_position committed;
    {
      start first{type, section, std::nullopt, errors};
      first.checkpoint();
      first.write(0);
      first.write(1);
      committed = first.checkpoint();
      first.write(2);
    }
    sink_position resumed, repeated;
    {
      start second{type, section, committed, errors};
      resumed = second.checkpoint();
      second.write(2);
      second.write(3);
      auto last = second.checkpoint();
      repeated = second.checkpoint() == last ? "same" : "other";
    }
    auto lines = world->lines();
    auto promised = world->promised();
    resumed = world->comparable(resumed);
    committed = world->comparable(committed);
    world.reset();
    CAPTURE(form.first, form.second);
    CHECK(errors == "");
    CHECK(resumed == committed);
    CHECK(repeated == "same");
    if (promised == promise::exactly_once)
      CHECK(lines == lines_of({0, 1, 2, 3}));
    if (promised == promise::at_least_once)
      CHECK(lines == lines_of({0, 1, 2, 2, 3}));
    if (promised == promise::nothing_kept)
      CHECK(lines.empty());
  }
}

TEST_CASE("no sink starts from a position it does not understand",
          "[sinks][contract]") {
  for (const auto& [form, make] : test::contract_fixtures()) {
    const auto& type = type_named(form.first);
    caf::error err;
    {
      auto world = make();
      if (!world)
        continue;
      auto sink = type.make({"job", "name"},
                            test::section_of(type.spec, world->section()));
      err = sink->open(sink_position{"v9 nonsense"});
      (void)sink->close();
    }
    CAPTURE(form.first);
    CHECK(code_of(err) == ec::ledger_unusable);
  }
}

TEST_CASE("every sink type has a stand-in for rehearsals",
          "[sinks][contract]") {
  for (const auto& type : sink_registry()) {
    CAPTURE(type.spec.type);
    CHECK(type.rehearse != nullptr);
  }
}

TEST_CASE("every field is described in sentences", "[sinks][contract]") {
  for (const auto& spec : sink_specs()) {
    CAPTURE(spec.type);
    CHECK(spec.help.ends_with('.'));
    for (const auto& field : spec.fields) {
      CAPTURE(field.name);
      CHECK(field.help.ends_with('.'));
      for (const auto& child : field.children)
        CHECK(child.help.ends_with('.'));
    }
  }
}

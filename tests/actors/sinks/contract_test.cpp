// The promises of every registered sink, tested on each type and its output. A
// new type needs a fixture here.

#include "actors/sinks/registry.hpp"
#include "tests/actors/sinks/stdout_redirect.hpp"
#include "tests/actors/sinks/webhook_server.hpp"
#include "tests/support/frames.hpp"
#include "tests/support/pages.hpp"
#include "tests/support/sink_sections.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>

#include <set>
#include <sstream>

using namespace sluice;
using test::page_of;

namespace {

using strings = std::vector<std::string>;

/// What happens to captures that were written but not committed when the job
/// continues.
enum class promise { exactly_once, at_least_once, nothing_kept };

class fixture {
public:
  virtual ~fixture() = default;
  [[nodiscard]] virtual test::given_values section() = 0;
  [[nodiscard]] virtual promise promised() const = 0;
  /// The complete output, one line per capture.
  [[nodiscard]] virtual std::string lines() = 0;
};

class file_fixture : public fixture {
public:
  explicit file_fixture(std::string as) : as_(std::move(as)) {}
  test::given_values section() override {
    return {{"path", (folder_ / "out").string()}, {"compression", as_}};
  }
  promise promised() const override { return promise::exactly_once; }
  std::string lines() override {
    const std::map<std::string, compression> names{{"none", compression::none},
                                                   {"gzip", compression::gzip},
                                                   {"zstd", compression::zstd},
                                                   {"lz4", compression::lz4}};
    return test::decompress_all(names.at(as_),
                                test::content_of(folder_ / "out"));
  }

private:
  std::string as_;
  test::temp_folder folder_;
};

class stdout_fixture : public fixture {
public:
  stdout_fixture()
      : target_(::open((folder_ / "out").c_str(),
                       O_WRONLY | O_CREAT | O_CLOEXEC, 0600)),
        redirect_(std::in_place, target_) {}
  ~stdout_fixture() override { ::close(target_); }
  test::given_values section() override { return {}; }
  promise promised() const override { return promise::at_least_once; }
  std::string lines() override {
    redirect_.reset();
    return test::content_of(folder_ / "out");
  }

private:
  test::temp_folder folder_;
  int target_;
  std::optional<test::stdout_redirect> redirect_;
};

class webhook_fixture : public fixture {
public:
  test::given_values section() override {
    return {{"url", server_.url()}, {"batch.captures", int64_t{1}}};
  }
  promise promised() const override { return promise::at_least_once; }
  std::string lines() override {
    std::string all;
    for (const auto& body : server_.bodies()) {
      append_capture(all, std::string_view{body}.substr(1, body.size() - 2));
      all += '\n';
    }
    return all;
  }

private:
  test::webhook_server server_{[](const auto&, auto&) {}};
};

class null_fixture : public fixture {
public:
  test::given_values section() override { return {}; }
  promise promised() const override { return promise::nothing_kept; }
  std::string lines() override { return {}; }
};

/// A type and the name of one of its forms.
using form = std::pair<std::string, std::string>;

const std::map<form, std::function<std::unique_ptr<fixture>()>> fixtures{
  {{"file", "none"}, [] { return std::make_unique<file_fixture>("none"); }},
  {{"file", "gzip"}, [] { return std::make_unique<file_fixture>("gzip"); }},
  {{"file", "zstd"}, [] { return std::make_unique<file_fixture>("zstd"); }},
  {{"file", "lz4"}, [] { return std::make_unique<file_fixture>("lz4"); }},
  {{"stdout", ""}, [] { return std::make_unique<stdout_fixture>(); }},
  {{"webhook", ""}, [] { return std::make_unique<webhook_fixture>(); }},
  {{"null", ""}, [] { return std::make_unique<null_fixture>(); }},
};

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

TEST_CASE("every sink type has a fixture for the contract",
          "[sinks][contract]") {
  std::set<std::string> tested;
  for (const auto& [form, make] : fixtures)
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
  for (const auto& [form, make_fixture] : fixtures) {
    const auto& type = type_named(form.first);
    auto world = make_fixture();
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
  for (const auto& [form, make_fixture] : fixtures) {
    const auto& type = type_named(form.first);
    caf::error err;
    {
      auto world = make_fixture();
      auto sink = type.make({"job", "name"},
                            test::section_of(type.spec, world->section()));
      err = sink->open(sink_position{"v9 nonsense"});
      (void)sink->close();
    }
    CAPTURE(form.first);
    CHECK(code_of(err) == ec::ledger_unusable);
  }
}

TEST_CASE("a rehearsal does not touch the real targets", "[sinks][contract]") {
  SECTION(
    "a file sink writes to a separate file that is overwritten each time") {
    test::temp_folder folder;
    test::fill(folder / "out", "real\n");
    test::fill(folder / "out.simulated", "of the last rehearsal\n");
    const auto& type = type_named("file");
    auto sink = type.rehearse(
      {"job", "name"},
      test::section_of(type.spec, {{"path", (folder / "out").string()}}));
    REQUIRE_FALSE(sink->open(std::nullopt));
    REQUIRE_FALSE(sink->write(page_of(1, {"1"})));
    REQUIRE(sink->checkpoint());
    CHECK(test::content_of(folder / "out") == "real\n");
    CHECK(test::content_of(folder / "out.simulated") == "1\n");
  }
  SECTION("a webhook sends nothing and needs no secret") {
    webhook_fixture world;
    auto given = world.section();
    given["secret"] = secret{[]() -> caf::expected<std::string> {
      return make_error(ec::usage, "not set");
    }};
    const auto& type = type_named("webhook");
    auto sink =
      type.rehearse({"job", "name"}, test::section_of(type.spec, given));
    REQUIRE_FALSE(sink->open(std::nullopt));
    REQUIRE_FALSE(sink->write(page_of(1, {"1"})));
    CHECK(world.lines() == "");
  }
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

#include "config/identity.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace sluice;
using namespace std::chrono_literals;
using config::field_kind;

namespace {

config::field field_of(std::string name, field_kind kind) {
  config::field result;
  result.name = std::move(name);
  result.kind = kind;
  return result;
}

struct identity_fixture {
  std::vector<config::sink_spec> specs;
  settings config;

  identity_fixture() {
    config::sink_spec spec;
    spec.type = "file";
    spec.fields = {field_of("path", field_kind::path),
                   field_of("compression", field_kind::choice),
                   field_of("secret", field_kind::secret),
                   field_of("max_down", field_kind::duration),
                   field_of("exists", field_kind::choice),
                   field_of("dead_letter", field_kind::path),
                   field_of("url", field_kind::text),
                   field_of("columns", field_kind::columns)};
    spec.fields[4].when_continued = config::change::allowed;
    spec.fields[5].when_continued = config::change::first_time;
    auto capture = field_of("capture", field_kind::section);
    capture.children = {field_of("type", field_kind::choice)};
    spec.fields.push_back(capture);
    spec.fields.push_back(field_of("key", field_kind::text_list));
    specs.push_back(spec);

    auto profile = std::make_shared<api_profile>();
    profile->name = "extralt";
    profile->base = "https://api.example";
    config.api.profile = profile;
    config.api.key = [] { return caf::expected<std::string>{"s3cret"}; };
    config.runs.robots.fallback = "rbt_1";
    config.ledger = "/data/job.sluice";
    sink_settings sink;
    sink.type = "file";
    sink.name = "all";
    sink.fields.set("path", std::string{"/data/captures.jsonl"});
    sink.fields.set("compression", std::string{"zstd"});
    sink.fields.set("secret", secret{[] {
                      return caf::expected<std::string>{"hook-secret"};
                    }});
    sink.fields.set("max_down", std::chrono::milliseconds{1h});
    sink.fields.set("exists", std::string{"refuse"});
    sink.fields.set("dead_letter", std::monostate{});
    sink.fields.set("url", std::string{"https://hooks.example/t0ken"});
    sink.fields.set("columns", std::monostate{});
    sink.fields.set("key", std::monostate{});
    sink.fields.set("capture.type", std::string{"text"});
    config.sinks.push_back(sink);
  }

  void set_columns(const column_list& columns) {
    config.sinks[0].fields.set("columns", columns);
  }

  [[nodiscard]] job_binding identity() const {
    return identity_of(config, specs);
  }

  [[nodiscard]] std::string value(const std::string& name) const {
    auto all = identity();
    auto found = std::find_if(all.begin(), all.end(),
                              [&](auto& entry) { return entry.first == name; });
    return found == all.end() ? "(none)" : found->second;
  }
};

} // namespace

TEST_CASE_METHOD(identity_fixture,
                 "an identity consists of the profile, the base URL, "
                 "the robots and the sinks") {
  CHECK(identity()
        == job_binding{{"api.profile", "extralt"},
                       {"api.base_url", "https://api.example"},
                       {"runs.robot", "*=rbt_1"},
                       {"ledger.folder", "/data"},
                       {"sinks.all.dead_letter", ""},
                       {"sinks.all", "type=file path=/data/captures.jsonl "
                                     "compression=zstd "
                                     "url=#2592a0e853ed483c "
                                     "capture.type=text"}});
}

TEST_CASE_METHOD(identity_fixture,
                 "a change to any part changes the identity") {
  auto before = identity();
  SECTION("profile") {
    auto profile = std::make_shared<api_profile>(*config.api.profile);
    profile->name = "extralt-v0";
    config.api.profile = profile;
  }
  SECTION("base URL") {
    auto profile = std::make_shared<api_profile>(*config.api.profile);
    profile->base += "/v0";
    config.api.profile = profile;
  }
  SECTION("the robot") {
    config.runs.robots.fallback = "rbt_2";
  }
  SECTION("the robot of one host") {
    config.runs.robots.by_host["shop.example"] = "rbt_1";
  }
  SECTION("a sink's path") {
    config.sinks[0].fields.set("path", std::string{"/elsewhere"});
  }
  SECTION("a sink's address") {
    config.sinks[0].fields.set("url", std::string{"https://hooks.example/2"});
  }
  SECTION("a key in a section of a sink") {
    config.sinks[0].fields.set("capture.type", std::string{"blob"});
  }
  SECTION("a sink's dead letter file, which may be added later") {
    config.sinks[0].fields.set("dead_letter", std::string{"/data/dead.jsonl"});
    CHECK(value("sinks.all.dead_letter") == "/data/dead.jsonl");
  }
  SECTION("a sink's name") {
    config.sinks[0].name = "some";
  }
  SECTION("another sink") {
    config.sinks.push_back(config.sinks[0]);
    config.sinks[1].name = "second";
  }
  CHECK(identity() != before);
}

TEST_CASE_METHOD(identity_fixture,
                 "limits, waits and slots may change between starts") {
  auto before = identity();
  config.runs.max_concurrent = 1;
  config.api.requests_per_minute = 1;
  config.captures.window = 1;
  config.sinks[0].fields.set("max_down", std::chrono::milliseconds{2h});
  config.sinks[0].fields.set("exists", std::string{"append"});
  CHECK(identity() == before);
}

TEST_CASE_METHOD(identity_fixture, "the identity contains no secret") {
  for (auto& [name, text] : identity()) {
    CHECK(text.find("s3cret") == std::string::npos);
    CHECK(text.find("hook-secret") == std::string::npos);
    CHECK(text.find("t0ken") == std::string::npos);
  }
  CHECK_THAT(value("sinks.all"), !Catch::Contains("secret"));
}

TEST_CASE_METHOD(identity_fixture,
                 "the columns of a sink belong to the identity") {
  column_list columns{
    {.name = "price", .from = {"/data/price"}, .type = column_type::number},
    {.name = "run", .own = own_value::run}};
  auto without = identity();
  set_columns(columns);
  auto before = identity();
  CHECK(before != without);
  CHECK_THAT(value("sinks.all"), Catch::Contains(" columns=#"));
  CHECK_THAT(value("sinks.all"), !Catch::Contains("price"));
  SECTION("by their names") {
    columns[0].name = "Price";
  }
  SECTION("by their pointers") {
    columns[0].from.push_back("/price");
  }
  SECTION("by their types") {
    columns[0].type = column_type::text;
  }
  SECTION("by their order") {
    std::swap(columns[0], columns[1]);
  }
  SECTION("by their number") {
    columns.pop_back();
  }
  set_columns(columns);
  CHECK(identity() != before);
}

TEST_CASE_METHOD(identity_fixture,
                 "a list of texts belongs to the identity, in its order") {
  auto with = [&](const std::vector<std::string>& key) {
    config.sinks[0].fields.set("key", key);
    return value("sinks.all");
  };
  auto without = value("sinks.all");
  auto before = with({"shop", "id"});
  CHECK_THAT(before,
             Catch::StartsWith(without + " key=#") && !Catch::Contains("shop"));
  CHECK(with({"shop", "id"}) == before);
  CHECK(with({"id", "shop"}) != before);
  CHECK(with({"shop"}) != before);
  CHECK(with({"shopid"}) != before);
  CHECK(with({"shop2:id"}) != before);
}

TEST_CASE_METHOD(identity_fixture,
                 "what happens to gaps in columns may change") {
  column_list columns{{.name = "price", .from = {"/price"}}};
  columns[0].on_missing = gap_rule::stop;
  set_columns(columns);
  auto before = identity();
  columns[0].on_missing = gap_rule::null;
  columns[0].on_mismatch = gap_rule::dead_letter;
  set_columns(columns);
  CHECK(identity() == before);
}

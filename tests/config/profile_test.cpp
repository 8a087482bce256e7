#include "config/load.hpp"
#include "tests/config/config_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;
using texts = std::vector<std::string>;

namespace {

/// A valid profile that inherits nothing.
const std::string minimal = R"(base: https://api.example/v1
submit: {path: /runs, body: {u: "${urls}"}, id: /id}
status: {path: "/runs/${id}", state: /s, map: {done: [9]}}
results: {path: /c, items: "", page: {kind: none}}
error: /message
)";

class profile_fixture {
public:
  config::profile_result load(std::string_view text) {
    fill(folder / "p.yaml", text);
    return config::load_profile("./p.yaml", folder / "");
  }

  temp_folder folder;
};

} // namespace

TEST_CASE("the built-in dialects are listed and load", "[config]") {
  CHECK(config::built_in_profiles() == texts{"extralt", "extralt-v0"});
  CHECK(config::built_in_profile_text("none").empty());
  for (auto& name : config::built_in_profiles()) {
    auto result = config::load_profile(name, "/");
    INFO((result.findings.empty() ? "" : result.findings[0].text()));
    REQUIRE(result.value);
    CHECK(result.value->name == name);
  }
}

TEST_CASE("extralt matches its documentation", "[config]") {
  auto p = config::load_profile("extralt", "/").value;
  REQUIRE(p);
  CHECK(p->base == "https://api.extralt.com");
  CHECK(p->auth.in == auth_scheme::place::header);
  CHECK(p->auth.name == "Authorization");
  CHECK(p->auth.prefix == "Bearer ");
  CHECK(p->requests_per_minute == 120);
  CHECK(p->burst == 30);
  CHECK(p->wait_after_429 == 15s);
  CHECK(p->wait_header == "Retry-After");
  CHECK(p->submit.method == "POST");
  CHECK(p->submit.path == "/runs");
  CHECK(p->submit.as == submit_dialect::encoding::json);
  CHECK(p->submit.body
        == R"({"robotId":"${robot}","urls":"${urls}","budget":"${budget?}"})");
  CHECK(p->submit.ok == std::vector<int>{200, 201, 202});
  CHECK(p->submit.safe == std::vector<int>{503});
  CHECK(p->submit.id == texts{"/_id", "/id"});
  CHECK(p->status.path == "/runs/${id}");
  CHECK(p->status.state == texts{"/status"});
  CHECK(p->status.queued == texts{"pending"});
  CHECK(p->status.active == texts{"starting", "running", "restarting"});
  CHECK(p->status.done == texts{"completed"});
  CHECK(p->status.failed == texts{"failed"});
  CHECK(p->status.stopped == texts{"stopped"});
  CHECK(p->status.extracted == texts{"/extractedCount", "/extracted"});
  CHECK(p->status.queue == texts{"/queueSize", "/inQueue"});
  CHECK(p->status.started_at == texts{"/startedAt"});
  CHECK(p->results.path == "/captures");
  CHECK(p->results.query == query_template{{"runId", "${id}"}});
  CHECK(p->results.items == texts{"/items", ""});
  CHECK(p->results.item_id == texts{"/_id", "/id"});
  CHECK(p->results.item_url == texts{"/url"});
  CHECK(p->results.page.by == pagination::kind::cursor);
  CHECK(p->results.page.param == "cursor");
  CHECK(p->results.page.next == texts{"/nextCursor"});
  CHECK(p->error == texts{"/message", "/error"});
  CHECK_FALSE(p->find);
  CHECK(p->budget_unit == api_profile::unit::urls);
  CHECK(p->credits_per_unit == 1);
  CHECK(p->unverified.empty());
}

TEST_CASE("extralt-v0 changes only what v0 requires", "[config]") {
  auto p = config::load_profile("extralt-v0", "/").value;
  REQUIRE(p);
  CHECK(p->base == "https://api.extralt.com/v0/extract");
  CHECK(p->submit.body
        == R"({"robot_id":"${robot}","start_urls":"${urls}",)"
           R"("budget":"${budget?}"})");
  CHECK(p->submit.id == texts{"/_id", "/id"});
  CHECK(p->results.query == query_template{{"run_id", "${id}"}});
  CHECK(p->results.items == texts{"/rows"});
  CHECK(p->results.item_url == texts{"/url"});
  CHECK(p->results.page.by == pagination::kind::cursor);
  CHECK(p->results.page.next
        == texts{"/nextCursor", "/next_cursor", "/cursor", "/next"});
  CHECK_FALSE(p->download);
  CHECK(p->budget_unit == api_profile::unit::captures);
  CHECK(p->credits_per_unit == 2);
  CHECK(p->unverified == texts{"results.page"});
}

TEST_CASE("a profile file need not extend another", "[config]") {
  profile_fixture f;
  auto p = f.load(minimal).value;
  REQUIRE(p);
  CHECK(p->name == "p");
  CHECK(p->requests_per_minute == 0);
  CHECK(p->status.done == texts{"9"});
  CHECK(p->results.items == texts{""});
  CHECK(p->results.page.by == pagination::kind::none);
  CHECK_FALSE(p->download);
  CHECK_FALSE(p->find);
}

TEST_CASE("a profile extends another section by section", "[config]") {
  profile_fixture f;
  auto p = f.load(R"(extends: extralt
base: https://gateway.example/x//
submit: {ok: [202], body: {n: 5, deep: {list: ["${urls}", null, true, "7"]}}}
status: {save: {ds: /data/id}, map: {done: [fine]}}
results: {path: "/sets/${ds}", page: null}
download: null
find: {path: /runs, items: /runs, id: /id, robot: /robotId}
credits_per_unit: 0.5
)")
             .value;
  REQUIRE(p);
  CHECK(p->base == "https://gateway.example/x");
  CHECK(p->submit.ok == std::vector<int>{202});
  CHECK(p->submit.path == "/runs");
  CHECK(p->submit.body
        == R"({"n":5,"deep":{"list":["${urls}",null,true,"7"]}})");
  CHECK(p->status.state == texts{"/status"});
  CHECK(p->status.done == texts{"fine"});
  CHECK(p->status.failed.empty());
  CHECK(p->status.save.at("ds") == "/data/id");
  CHECK(p->results.path == "/sets/${ds}");
  CHECK(p->results.items == texts{"/items", ""});
  CHECK(p->results.page.by == pagination::kind::unknown);
  CHECK_FALSE(p->download);
  REQUIRE(p->find);
  CHECK(p->find->robot == texts{"/robotId"});
  CHECK(p->find->urls.empty());
  CHECK(p->credits_per_unit == 0.5);
}

TEST_CASE("a profile can send headers and support idempotency keys",
          "[config]") {
  profile_fixture f;
  auto p = f.load(R"(extends: extralt
submit:
  headers: {X-Team: "a ${robot}", x_b: "${budget?}"}
  idempotency: {header: Idempotency-Key, valid_for: 24h}
)")
             .value;
  REQUIRE(p);
  CHECK(p->submit.headers
        == header_template{{"X-Team", "a ${robot}"}, {"x_b", "${budget?}"}});
  REQUIRE(p->submit.idempotency);
  CHECK(p->submit.idempotency->header == "Idempotency-Key");
  CHECK(p->submit.idempotency->valid_for == 24h);
  CHECK(p->submit.path == "/runs");
}

TEST_CASE("no built-in dialect supports idempotency keys", "[config]") {
  for (auto& name : config::built_in_profiles()) {
    auto p = config::load_profile(name, "/").value;
    REQUIRE(p);
    CHECK_FALSE(p->submit.idempotency);
    CHECK(p->submit.headers.empty());
  }
}

TEST_CASE("a profile cannot set reserved headers", "[config]") {
  profile_fixture f;
  auto refused = [&](const std::string& submit, const std::string& more = "") {
    auto result = f.load("extends: extralt\nsubmit: {" + submit + "}\n" + more);
    INFO(submit);
    CHECK_FALSE(result.value);
    std::string all;
    for (auto& one : result.findings)
      all += one.text() + "\n";
    return all;
  };
  for (std::string name :
       {"Authorization", "host", "CONTENT-LENGTH", "Content-Type",
        "Transfer-Encoding", "Connection", "Expect", "Content-Encoding",
        "Accept-Encoding", "TE", "Upgrade", "Proxy-Authorization"}) {
    CHECK_THAT(refused("headers: {" + name + ": x}"),
               Catch::Contains("p.yaml:2:10: submit.headers names " + name
                               + ", which sluice or another key"));
    CHECK_THAT(refused("idempotency: {header: " + name + ", valid_for: 1h}"),
               Catch::Contains("submit.idempotency.header names " + name));
  }
  for (std::string name : {"\"X Team\"", "\"X:\"", "\"é\"", "\"(a)\""}) {
    CHECK_THAT(refused("headers: {" + name + ": x}"),
               Catch::Contains("which is not a header name"));
    CHECK_THAT(refused("idempotency: {header: " + name + ", valid_for: 1h}"),
               Catch::Contains("which is not a header name"));
  }
  CHECK_THAT(refused("headers: {x-key: x}", "auth: {name: X-Key}\n"),
             Catch::Contains("submit.headers names x-key"));
  CHECK_THAT(refused("headers: {X-A: x, x-a: y}"),
             Catch::Contains("submit.headers names x-a"));
  CHECK_THAT(refused("headers: {x-once: x}, "
                     "idempotency: {header: X-Once, valid_for: 1h}"),
             Catch::Contains("submit.idempotency.header names X-Once"));
  CHECK_THAT(refused("headers: {X-A: \"${urls}\"}"),
             Catch::Contains("names ${urls}, which is unknown here"));
  CHECK_THAT(refused("headers: {X-A: \"a\\nb\"}"),
             Catch::Contains("a line break or control character"));
  CHECK_THAT(refused("headers: {X-A: \"" + std::string(1'025, 'x') + "\"}"),
             Catch::Contains("longer than 1024 bytes"));
  std::string many;
  for (auto i = 0; i < 33; ++i)
    many += (i > 0 ? ", X-" : "X-") + std::to_string(i) + ": x";
  CHECK_THAT(refused("headers: {" + many + "}"),
             Catch::Contains("33 headers: write at most 32"));
}

TEST_CASE("an idempotency section needs its header and its validity",
          "[config]") {
  profile_fixture f;
  struct row {
    std::string idempotency, expected;
  };
  for (auto& [idempotency, expected] : std::vector<row>{
         {"{header: X-Once}", "submit.idempotency.valid_for is missing"},
         {"{valid_for: 1h}", "submit.idempotency.header is missing"},
         {"{header: X-Once, valid_for: 1s}", "from 1m to 720h"},
         {"{header: X-Once, valid_for: 721h}", "from 1m to 720h"},
         {"{header: X-Once, valid_for: forever}", "a duration"},
         {"X-Once", "write a mapping"}}) {
    auto result =
      f.load("extends: extralt\nsubmit: {idempotency: " + idempotency + "}\n");
    INFO(idempotency);
    CHECK_FALSE(result.value);
    REQUIRE_FALSE(result.findings.empty());
    CHECK_THAT(result.findings[0].text(), Catch::Contains(expected));
  }
}

TEST_CASE("every kind of pagination is accepted", "[config]") {
  profile_fixture f;
  using kind = pagination::kind;
  struct row {
    std::string page;
    kind by;
  };
  for (auto& [page, by] : std::vector<row>{
         {"{kind: none}", kind::none},
         {"{kind: cursor, param: c, next: /n}", kind::cursor},
         {"{kind: next_url, next: /n}", kind::next_url},
         {"{kind: offset, param: o, size_param: l, size: 1000, total_header: "
          "X-T}",
          kind::offset},
         {"{kind: page, param: p, first: 0}", kind::page},
         {"{kind: page, param: p, more: /m, first: 0}", kind::page}}) {
    auto p = f.load("extends: extralt\nresults: {page: " + page + "}\n").value;
    INFO(page);
    REQUIRE(p);
    CHECK(p->results.page.by == by);
    CHECK(p->results.page.first == (by == kind::page ? 0 : 1));
    CHECK(p->results.page.size == (by == kind::offset ? 1000 : 0));
  }
}

TEST_CASE("errors in a profile are reported with their positions", "[config]") {
  struct row {
    std::string yaml, expected;
  };
  profile_fixture f;
  const std::string extends = "extends: extralt\n";
  for (auto& [yaml, expected] : std::vector<row>{
         {"", ":1:1: the file is empty"},
         {"[]", ":1:1: a profile is a mapping, not a list"},
         {"extends: extrat\n",
          ":1:10: there is no built-in profile \"extrat\"; "
          "did you mean \"extralt\"?"},
         {"extends: [a]\n", ":1:10: a list is not a valid value for extends"},
         {"extends: ./p.yaml\n", ":1:10: extends leads back"},
         {"extends: ./none.yaml\n", ":1:10: cannot read"},
         {extends + "bsae: x\n", ":2:1: unknown key bsae; did you mean"},
         {extends + "base: ftp://x\n", ":2:7: base is not a base URL"},
         {extends + "auth: {in: cookie}\n", ":2:12: write none, header, query"},
         {extends + "submit: {ok: [20]}\n", ":2:15: from 100 to 599"},
         {extends + "submit: {path: runs}\n",
          ":2:16: submit.path must start with \"/\""},
         {extends + "submit: {body: {a: b}}\n",
          ":2:10: does not send the URLs"},
         {extends + "submit: {body: x}\n", ":2:16: write a mapping"},
         {extends + "submit: {body: {a: \"${urls}${tagret}\"}}\n",
          ":2:10: names ${tagret}, which is unknown"},
         {extends + "status: {path: \"/r/${robot}\"}\n",
          ":2:16: names ${robot}, which is unknown here: write one of ${id}"},
         {extends + "status: {state: status}\n",
          ":2:17: a JSON Pointer is empty or begins with /"},
         {extends + "status: {map: {done: []}}\n",
          ":2:10: status.map.done is missing"},
         {extends + "results: {page: {kind: cursor, param: c}}\n",
          ":2:11: results.page.next is missing"},
         {extends + "results: {page: {kind: cursor, next: /n}}\n",
          ":2:11: results.page.param is missing"},
         {extends + "results: {page: {kind: next_url, param: c}}\n",
          ":2:11: results.page.next is missing"},
         {extends + "results: {page: {kind: offset, next: /n}}\n",
          ":2:11: results.page.param is missing"},
         {extends + "results: {page: {kind: page, size_param: s}}\n",
          ":2:11: results.page.param is missing"},
         {extends + "results: {page: {}}\n",
          ":2:11: results.page.kind is missing"},
         {extends + "find: {path: /x}\n", ":2:1: find.items is missing"},
         {minimal.substr(minimal.find("submit")), ":1:1: base is missing"},
         {"base: https://x.example\n", ":1:1: submit.path is missing"}}) {
    auto result = f.load(yaml);
    INFO(yaml);
    CHECK_FALSE(result.value);
    std::string all;
    for (auto& one : result.findings)
      all += one.text() + "\n";
    INFO(all);
    auto split = expected.find(": ") + 2;
    auto at = all.find("p.yaml" + expected.substr(0, split));
    REQUIRE(at != std::string::npos);
    CHECK(all.find(expected.substr(split), at) != std::string::npos);
  }
}

TEST_CASE("profiles that extend each other are refused", "[config]") {
  profile_fixture f;
  fill(f.folder / "q.yaml", "extends: ./p.yaml\n");
  auto result = f.load("extends: q.yaml\n");
  REQUIRE(result.findings.size() == 1);
  CHECK(result.findings[0].text().find("q.yaml:1:10: extends leads back")
        != std::string::npos);
}

TEST_CASE("a config names its profile by name or path", "[config]") {
  config_fixture f;
  fill(f.folder / "mine.yaml", "extends: extralt\nrate: {burst: 4}\n");
  auto text = [](const std::string& profile) {
    return "api: {key: k, profile: " + profile + "}\ninput: {urls: u}\n"
           + "runs: {robot: r}\nsinks: [{type: stdout}]\n";
  };
  auto result = f.load(text("mine.yaml"));
  REQUIRE(result.value);
  CHECK(result.value->api.burst == 4);
  CHECK(result.value->api.requests_per_minute == 120);
  CHECK(
    f.findings(text("extral"))
    == texts{
      "1:24: there is no built-in profile \"extral\"; did you mean "
      "\"extralt\"? (write a profile file as a path, such as ./my-api.yaml)"});
  CHECK(f.findings(text("./no.yaml"))[0].starts_with("1:24: cannot read"));
  fill(f.folder / "mine.yaml", "extends: extralt\nrate: {brust: 4}\n");
  auto found = f.findings(text("mine.yaml"));
  REQUIRE(found.size() == 1);
  CHECK(found[0].find("mine.yaml:2:8: unknown key rate.brust")
        != std::string::npos);
}

TEST_CASE(
  "the request timeout must be shorter than the API keeps an idempotency key",
  "[config]") {
  config_fixture f;
  fill(f.folder / "once.yaml",
       "extends: extralt\n"
       "submit: {idempotency: {header: X-Once, valid_for: 2m}}\n");
  auto text = [](const std::string& timeout) {
    return "api: {key: k, profile: once.yaml, timeout: " + timeout
           + "}\ninput: {urls: u}\nruns: {robot: r}\nsinks: [{type: stdout}]\n";
  };
  CHECK(f.load(text("119s")).value);
  auto found = f.findings(text("2m"));
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0], Catch::Contains("write less than 2m"));
}

TEST_CASE("a config needs no key if its profile uses none", "[config]") {
  config_fixture f;
  fill(f.folder / "open.yaml", "extends: extralt\nauth: {in: none}\n");
  CHECK(f.load("api: {profile: open.yaml}\ninput: {urls: u}\n"
               "runs: {robot: r}\nsinks: [{type: stdout}]\n")
          .value);
}

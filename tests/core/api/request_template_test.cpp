#include "core/api/request_template.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

using place = auth_scheme::place;

api_profile extralt_requests() {
  api_profile profile;
  profile.base = "https://api.example/v1";
  profile.submit.path = "/runs";
  profile.submit.body =
    R"({"robotId":"${robot}","urls":"${urls}","budget":"${budget?}"})";
  return profile;
}

template_values two_urls() {
  template_values values;
  values.text["robot"] = "rbt/\"1\"";
  values.urls = {"https://s.example/1", "https://s.example/\"2\""};
  return values;
}

http_request submit_of(const api_profile& profile,
                       const template_values& values = two_urls()) {
  auto request = make_submit(profile, values, "sk:1");
  if (!request)
    FAIL(what_of(request.error()));
  return std::move(*request);
}

std::string submit_error(const api_profile& profile,
                         const template_values& values = two_urls()) {
  auto request = make_submit(profile, values, "sk:1");
  REQUIRE_FALSE(request);
  CHECK(code_of(request.error()) == ec::usage);
  CHECK_THAT(what_of(request.error()), !Catch::Contains("sk:1"));
  return what_of(request.error());
}

using header_list = std::vector<std::pair<std::string, std::string>>;

} // namespace

TEST_CASE(
  "a submit sends the profile's body with its values on a new connection") {
  auto values = two_urls();
  auto request = submit_of(extralt_requests(), values);
  CHECK(request.method == "POST");
  CHECK(request.url == "https://api.example/v1/runs");
  CHECK(request.fresh_connection);
  CHECK(request.content_type == "application/json");
  CHECK(request.headers == header_list{{"Authorization", "Bearer sk:1"}});
  CHECK(request.body
        == R"({"robotId":"rbt/\"1\"","urls":["https://s.example/1",)"
           R"("https://s.example/\"2\""]})");
  values.budget = 2;
  CHECK_THAT(submit_of(extralt_requests(), values).body,
             Catch::EndsWith(R"(,"budget":2})"));
}

TEST_CASE(
  "templates are filled in nested members and keep values that are not text") {
  auto profile = extralt_requests();
  profile.submit.body =
    R"({"a":[{"r":"<${robot}>","n":1.5,"b":true,"z":null},"${budget?}"],
          "s":"${urls}","t":"b=${budget?}."})";
  template_values values;
  values.text["robot"] = "R";
  values.urls = {"u"};
  CHECK(
    submit_of(profile, values).body
    == R"({"a":[{"r":"<R>","n":1.5,"b":true,"z":null}],"s":["u"],"t":"b=."})");
}

TEST_CASE("a value is never expanded as a template") {
  auto profile = extralt_requests();
  template_values values;
  values.text["robot"] = "${key} ${robot}";
  values.urls = {"${robot}"};
  CHECK(submit_of(profile, values).body
        == R"({"robotId":"${key} ${robot}","urls":["${robot}"]})");
}

TEST_CASE("an empty list of URLs is never submitted") {
  template_values values;
  values.text["robot"] = "R";
  CHECK_THAT(submit_error(extralt_requests(), values),
             Catch::Contains("${urls}"));
}

TEST_CASE("a form has flat fields and joins a list with spaces") {
  auto profile = extralt_requests();
  profile.submit.as = submit_dialect::encoding::form;
  profile.submit.body =
    R"({"name":"${robot}","urls":"${urls}","max":3,"b":"${budget?}"})";
  auto request = submit_of(profile);
  CHECK(request.content_type == "application/x-www-form-urlencoded");
  CHECK(request.body
        == "name=rbt%2F%221%22&urls=https%3A%2F%2Fs.example%2F1%20"
           "https%3A%2F%2Fs.example%2F%222%22&max=3");
  profile.submit.body = R"({"a":["${robot}"]})";
  CHECK_THAT(submit_error(profile), Catch::Contains("form"));
}

TEST_CASE("the key is placed where the profile says") {
  auto profile = extralt_requests();
  profile.submit.body = R"({"u":"${urls}"})";
  template_values values;
  values.urls = {"u"};
  profile.auth = {place::query, "token", ""};
  CHECK(submit_of(profile, values).url
        == "https://api.example/v1/runs?token=sk%3A1");
  profile.auth = {place::body, "apiKey", ""};
  CHECK(submit_of(profile, values).body == R"({"u":["u"],"apiKey":"sk:1"})");
  CHECK(submit_of(profile, values).headers.empty());
  profile.submit.as = submit_dialect::encoding::form;
  CHECK(submit_of(profile, values).body == "u=u&apiKey=sk%3A1");
  profile.auth = {place::basic, "", ""};
  CHECK(submit_of(profile, values).headers
        == header_list{{"Authorization", "Basic c2s6MQ=="}});
  profile.auth = {place::none, "", ""};
  CHECK(submit_of(profile, values).headers.empty());
  profile.auth = {place::header, "X-Key", ""};
  CHECK(submit_of(profile, values).headers == header_list{{"X-Key", "sk:1"}});
}

TEST_CASE("basic authentication takes a bare key as a user name") {
  http_request request;
  authorize(request, {place::basic, "", ""}, "abc");
  CHECK(request.headers == header_list{{"Authorization", "Basic YWJjOg=="}});
}

TEST_CASE("a submit carries the profile's headers with their values") {
  auto profile = extralt_requests();
  profile.submit.headers = {{"X-Team", "shop <${robot}>"},
                            {"X-Budget", "${budget?}"},
                            {"X-Limit", "at most ${budget?}"}};
  auto values = two_urls();
  CHECK(submit_of(profile, values).headers
        == header_list{{"X-Team", "shop <rbt/\"1\">"},
                       {"X-Limit", "at most "},
                       {"Authorization", "Bearer sk:1"}});
  values.budget = 7;
  CHECK(submit_of(profile, values).headers
        == header_list{{"X-Team", "shop <rbt/\"1\">"},
                       {"X-Budget", "7"},
                       {"X-Limit", "at most 7"},
                       {"Authorization", "Bearer sk:1"}});
}

TEST_CASE(
  "an idempotency key is sent only if the profile names a header for it") {
  auto profile = extralt_requests();
  auto values = two_urls();
  values.idempotency_key = "0b7e";
  CHECK(submit_of(profile, values).headers
        == header_list{{"Authorization", "Bearer sk:1"}});
  profile.submit.idempotency = idempotency_dialect{"X-Once", {}};
  CHECK(submit_of(profile, values).headers
        == header_list{{"X-Once", "0b7e"}, {"Authorization", "Bearer sk:1"}});
  values.idempotency_key.clear();
  CHECK(submit_of(profile, values).headers
        == header_list{{"Authorization", "Bearer sk:1"}});
}

TEST_CASE("a value cannot split a header in two") {
  auto profile = extralt_requests();
  profile.submit.headers = {{"X-Team", "${robot}"}};
  auto values = two_urls();
  for (auto robot :
       {std::string{"a\r\nX-Evil: 1"}, std::string{"a\nb"},
        std::string{"a\0b", 3}, std::string{"\x7F"}, std::string(8'193, 'x')}) {
    values.text["robot"] = robot;
    CHECK_THAT(submit_error(profile, values),
               Catch::Contains("the header X-Team"));
  }
  values.text["robot"] = std::string(8'192, 'x');
  CHECK(submit_of(profile, values).headers[0].second.size() == 8'192);
}

TEST_CASE("values cannot escape from their place in a URL") {
  template_values values;
  values.text = {{"id", "../a?b#c"}, {"ds", "x&y=z"}};
  query_template query{{"run", "${id}"}, {"d", "p-${ds}"}, {"o", "${no?}"}};
  CHECK(
    *expand_url("https://h/v", "/runs/${id}/x", query, values)
    == "https://h/v/runs/..%2Fa%3Fb%23c/x?run=..%2Fa%3Fb%23c&d=p-x%26y%3Dz");
}

TEST_CASE("a template that cannot be filled is named") {
  auto failure = [](const std::string& path) {
    auto url = expand_url("https://h", path, {}, {});
    REQUIRE_FALSE(url);
    return what_of(url.error());
  };
  CHECK_THAT(failure("/${ds}"), Catch::Contains("${ds}"));
  CHECK_THAT(failure("/${ds"), Catch::Contains("without its"));
  auto profile = extralt_requests();
  profile.submit.body = R"({"x":"${what}"})";
  CHECK_THAT(submit_error(profile), Catch::Contains("${what}"));
  profile.submit.body = R"({"x":[1e400,1.50]})";
  CHECK(submit_of(profile).body == R"({"x":[1e400,1.50]})");
  profile.submit.as = submit_dialect::encoding::form;
  profile.submit.body = R"({"x":1e400})";
  CHECK(submit_of(profile).body == "x=1e400");
  profile.submit.as = submit_dialect::encoding::json;
  for (auto body : {"", "[]", "{", R"("${urls}")"}) {
    profile.submit.body = body;
    CHECK_THAT(submit_error(profile), Catch::Contains("not a JSON object"));
  }
}

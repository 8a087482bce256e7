// The register belongs to the process and forgets nothing, so each test uses
// secrets of its own.

#include "core/base/base64.hpp"
#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/secrets.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace sluice;

TEST_CASE("a secret is known as soon as it is resolved") {
  const std::string text = "planted/by+a=resolver";
  const secret lazy{[=] { return caf::expected<std::string>{text}; }};
  CHECK(mask_secrets(text) == text);
  auto copy = lazy;
  CHECK(copy() == text);
  CHECK(mask_secrets(text) == "***");
  const secret broken{
    [] { return caf::expected<std::string>{make_error(ec::usage, "unset")}; }};
  CHECK_FALSE(broken());
}

TEST_CASE("displayed text is masked before it is escaped or truncated") {
  keep_secret("planted/in shown\xc3\xa9-text");
  auto text = std::string{"planted/in shown\xc3\xa9-text"};
  CHECK(printable("bad key " + text) == "bad key ***");
  CHECK(printable("bad key planted\\/in%20shown\\u00e9-text") == "bad key ***");
  CHECK(printable(text + "\x01") == "***\\x01");
  for (size_t most = 1; most < 60; ++most) {
    auto shown = printable("bad key " + text + " of yours", most);
    CHECK(shown.find("pl") == std::string::npos);
  }
  CHECK(escaped(text + "\x01") == text + "\\x01");
}

TEST_CASE("errors and events hide secrets that no caller has masked") {
  const std::string text = "planted-in-an-error";
  keep_secret(text);
  CHECK(what_of(make_error(ec::usage, "the key " + text + " is bad"))
        == "the key *** is bad");
  log_event(log_level::warn, "sink_waits", "it says " + text,
            {{"reason", "no " + text + "\n"}});
  auto event = recent_problems().latest.back();
  CHECK(event.sentence == "it says ***");
  CHECK(event.fields.at(0).second == "no ***\\x0a");
}

TEST_CASE("all parts of an address that may be secret are registered") {
  keep_address("http://proxy-user:pr0xy@proxy.example:3128");
  CHECK(mask_secrets("407 for proxy-user:pr0xy") == "407 for ***");
  CHECK(mask_secrets("wrong password 'pr0xy'") == "wrong password '***'");
  CHECK(mask_secrets("the user proxy-user") == "the user proxy-user");
  CHECK_THAT(mask_secrets("Basic " + base64("proxy-user:pr0xy")),
             Catch::StartsWith("Basic ***"));
  keep_address("http://p%40ss%3Aw0rd@proxy.example");
  CHECK(mask_secrets("p@ss:w0rd p%40ss%3aw0rd") == "*** ***");
  keep_address("https://hooks.example/services/T0/planted-part-of-a-path"
               "?token=planted-token&n=1#planted-fragment");
  CHECK(mask_secrets("/services/T0/planted-part-of-a-path?token=planted-token")
        == "/services/T0/***?token=***");
  keep_address("me:pr0xy-without-scheme@proxy.example:3128");
  CHECK(mask_secrets("pr0xy-without-scheme") == "***");
  keep_address("no address");
  CHECK(mask_secrets("no address") == "no address");
}

TEST_CASE(
  "a user name without a password in an address is registered if it is long") {
  keep_address("http://lonely@proxy.example:3128");
  CHECK(mask_secrets("lonely runs") == "lonely runs");
  keep_address("http://planted-lone-token@proxy.example:3128");
  CHECK(mask_secrets("planted-lone-token") == "***");
}

TEST_CASE("a header that only describes its kind of secret registers none") {
  keep_header("X-Auth-Type", "application/planted");
  CHECK(mask_secrets("application/planted") == "application/planted");
  keep_header("X-Hook-Token", "${PLANTED_VARIABLE}");
  CHECK(mask_secrets("${PLANTED_VARIABLE}") == "${PLANTED_VARIABLE}");
  keep_header("X-Key-Set", "shoes");
  CHECK(mask_secrets("shoes") == "shoes");
}

TEST_CASE("a header's value is registered if its name suggests a secret") {
  keep_header("Authorization", "Bearer planted-bearer-token");
  CHECK(mask_secrets("token planted-bearer-token") == "token ***");
  keep_header("X-Hook-Auth", "Basic " + base64("hook-user:planted-password"));
  CHECK(mask_secrets("hook-user:planted-password") == "***");
  CHECK(mask_secrets("planted-password") == "***");
  CHECK(mask_secrets(base64("hook-user:planted-password")) == "***");
  keep_header("Cookie", "theme=dark; sid=planted-session-id==");
  CHECK(mask_secrets("planted-session-id== dark") == "*** dark");
  keep_header("X-Api-Key", "s4x");
  keep_header("X-Api-Key", "s4xq");
  CHECK(mask_secrets("s4x or s4xq") == "s4x or ***");
  keep_header("X-Team", "team-of-the-shoe-shop");
  CHECK(mask_secrets("team-of-the-shoe-shop") == "team-of-the-shoe-shop");
}

TEST_CASE("the password is registered if a key consists of user and password") {
  keep_secret("api-user:planted-api-password", secret_of::api);
  CHECK(mask_secrets("no planted-api-password here") == "no *** here");
  CHECK(holds_key("run-planted-api-password"));
  CHECK_FALSE(holds_key("run-of-api-user"));
}

TEST_CASE("many threads register and mask secrets at once") {
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        auto text =
          "planted-" + std::to_string(t) + "-" + std::to_string(i) + "-thread";
        keep_secret(text);
        if (mask_secrets("<" + text + ">") != "<***>")
          ++wrong;
      }
    });
  for (auto& each : threads)
    each.join();
  CHECK(wrong == 0);
}

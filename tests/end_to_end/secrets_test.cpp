// A hostile API and a hostile webhook quote the secrets they received, in every
// form and everywhere in a reply. No part of a secret may appear.

#include "tests/end_to_end/served_job.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using Catch::Contains;

namespace {

using namespace std::chrono_literals;

constexpr auto key = "sk_live_Zq7/Secret+Key=99";
constexpr auto hook_token = "hook-token/0123+456";
constexpr auto hook_secret = "hook-secret/0123+456";
constexpr auto list_password = "list-pw-77";

/// A part of each form that the servers quote.
constexpr std::array traces{"Zq7",
                            "c2tfbGl2ZV9acTcvU2",     // the key in base64
                            "736b5f6c6976655f5a7137", // its hexadecimal digits
                            "hook-token",
                            "hook-secret",
                            "aG9vay10b2tlbi8wMT"};

/// As it appears in JSON.
constexpr auto quoted_key =
  R"(sk_live_Zq7/Secret+Key=99 sk_live_Zq7\/Secret\u002bKey=99 )"
  R"(sk_live_Zq7%2fSecret%2BKey%3d99 sk_live_Zq7%252FSecret%252BKey%253D99 )"
  R"(sk_live_Zq7&#x2f;Secret&plus;Key=99 \\x73k_live_Zq7\\/Secret+Key=99 )"
  R"(Basic c2tfbGl2ZV9acTcvU2VjcmV0K0tleT05OTo= )"
  R"(736b5f6c6976655f5a71372f5365637265742b4b65793d3939)";

constexpr auto quoted_hook =
  R"(hook-token/0123+456 hook-token%2f0123%2b456 hook-secret\/0123\u002b456 )"
  R"(aG9vay10b2tlbi8wMTIzKzQ1Ng)";

void set_error(httplib::Response& reply, int status) {
  reply.status = status;
  reply.set_content(std::string{R"({"message":"no: )"} + quoted_key + "\"}",
                    "application/json");
}

/// Answers depend on the number of the URL. Each batch has one URL.
class quoting_api {
public:
  quoting_api() {
    port = server_.bind_to_any_port("127.0.0.1");
    server_.Post("/runs", [this](auto& request, auto& reply) {
      submit(request.body, reply);
    });
    server_.Get("/runs/.*", [this](auto&, auto& reply) { status(reply); });
    server_.Get("/captures", [this](auto&, auto& reply) { page(reply); });
    server_.Post("/hook", [this](auto&, auto& reply) { hook(reply); });
    server_.set_error_handler([](auto&, auto& reply) {
      if (reply.body.empty())
        set_error(reply, 404);
    });
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
    while (!server_.is_running())
      std::this_thread::yield();
  }

  ~quoting_api() {
    server_.stop();
    thread_.join();
  }

  quoting_api(const quoting_api&) = delete;
  quoting_api& operator=(const quoting_api&) = delete;

  std::atomic<bool> refuses = false;  ///< every submit, as if the key were
                                      ///< wrong
  std::atomic<bool> releases = false; ///< the captures
  int port = 0;

private:
  void submit(const std::string& body, httplib::Response& reply) {
    auto is_for = [&](const char* url) { return body.find(url) != body.npos; };
    reply.status = 201;
    if (refuses)
      set_error(reply, 401);
    else if (is_for("/p/2"))
      set_error(reply, 422);
    else if (is_for("/p/3"))
      set_error(reply, 500);
    else if (is_for("/p/4"))
      reply.set_content(std::string{R"({"_id":"run-)"} + key + "\"}",
                        "application/json");
    else
      reply.set_content(R"({"_id":"run-1"})", "application/json");
  }

  void status(httplib::Response& reply) {
    auto turn = polls_++;
    if (turn == 0)
      return set_error(reply, 500);
    auto state = turn == 1 ? std::string{"odd "} + key : "completed";
    reply.set_content(R"({"status":")" + state + R"(","extractedCount":1})",
                      "application/json");
  }

  void page(httplib::Response& reply) {
    if (!releases)
      return set_error(reply, 500);
    reply.set_content(
      R"({"items":[{"_id":"c1","url":"https://shop.example/p/1"}]})",
      "application/json");
  }

  void hook(httplib::Response& reply) {
    reply.status = deliveries_++ == 0 ? 500 : 422;
    reply.set_content(quoted_hook, "text/plain");
  }

  httplib::Server server_;
  std::thread thread_;
  std::atomic<int> polls_ = 0;
  std::atomic<int> deliveries_ = 0;
};

struct job_with_secrets {
  explicit job_with_secrets(const std::string& auth) {
    auto url = "http://127.0.0.1:" + std::to_string(api.port);
    fill(folder / "profile.yaml",
         "extends: extralt\nauth: {in: " + auth + "}\n");
    fill(folder / "job.yaml",
         "name: job\napi:\n  profile: profile.yaml\n  base_url: " + url
           + "\n  key: ${API_KEY}\n  requests_per_minute: 0\n  connections: 1\n"
             "input: {urls: [urls.txt]}\n"
             "runs: {robot: r, urls_per_run: 1}\n"
             "poll: {interval: 100ms, min_interval: 50ms}\n"
             "log: {level: debug, format: json}\n"
             "serve: 127.0.0.1:0\n"
             "sinks:\n  - type: webhook\n    url: "
           + url
           + "/hook\n    headers: {Authorization: \"Bearer ${HOOK_TOKEN}\"}\n"
             "    secret: ${HOOK_SECRET}\n    dead_letter: dead.jsonl\n");
    fill(folder / "urls.txt", "https://shop.example/p/1\n"
                              "https://me:"
                                + std::string{list_password}
                                + "@shop.example/p/2\n"
                                  "https://shop.example/p/3\n"
                                  "https://shop.example/p/4\n");
  }

  [[nodiscard]] program_input
  command(const std::string& name, std::vector<std::string> more = {}) const {
    program_input input;
    input.arguments = {name, (folder / "job.yaml").string()};
    input.arguments.insert(input.arguments.end(), more.begin(), more.end());
    input.environment = {{"API_KEY", key},
                         {"HOOK_TOKEN", hook_token},
                         {"HOOK_SECRET", hook_secret},
                         {"XDG_STATE_HOME", (folder / "state").string()}};
    return input;
  }

  temp_folder folder;
  quoting_api api;
};

void check_clean(const std::string& what, const std::string& text) {
  INFO(what << ":\n" << text);
  for (auto* trace : traces)
    CHECK(text.find(trace) == text.npos);
}

/// Every file except the config.
void check_files(const temp_folder& folder) {
  for (auto& entry :
       std::filesystem::recursive_directory_iterator{folder.path()})
    if (entry.is_regular_file() && entry.path().extension() != ".yaml") {
      auto text = content_of(entry.path());
      INFO(entry.path());
      for (auto* trace : traces)
        CHECK(text.find(trace) == text.npos);
    }
}

} // namespace

TEST_CASE("secrets quoted by a server appear nowhere") {
  auto auth = GENERATE(as<std::string>{}, "header", "basic");
  job_with_secrets job{auth};
  program running{job.command("run")};
  auto port = port_in(wait_for_page(running));
  REQUIRE(running.says("request_failed"));
  REQUIRE(running.says("odd ***"));
  REQUIRE(running.says("a run id that contains the API key"));
  for (auto* path : {"/api/status", "/metrics"})
    check_clean(path, body_of(port, path));
  check_clean("/api/events",
              stream_until(port, "/api/events", "\"phase\":\"running\""));
  job.api.releases = true;
  auto result = running.wait();
  check_clean("the log", result.err);
  INFO(result.err);
  CHECK(result.exit_code == 3);
  for (auto* shown :
       {"no: *** *** *** *** *** ***", "a run id that contains the API",
        "odd ***", "https://***@shop.example/p/2",
        "answered 500: *** *** *** ***"})
    CHECK_THAT(result.err, Contains(shown));
  CHECK_THAT(result.err, !Contains(list_password));

  job.api.refuses = true;
  auto refused =
    run_program(job.command("run", {"--again", "--set", "log.format=text"}));
  check_clean("the text log", refused.err);
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.err, Contains("no: *** *** ***"));
  check_files(job.folder);
}

TEST_CASE("status and resolve hide quoted secrets and the user's own list is "
          "printed unmasked") {
  job_with_secrets job{"header"};
  job.api.releases = true;
  CHECK(run_program(job.command("run")).exit_code == 3);
  for (auto& more : std::vector<std::vector<std::string>>{{}, {"--json"}}) {
    auto status = run_program(job.command("status", more));
    check_clean("status", status.out + status.err);
    CHECK_THAT(status.out, Contains("no: *** *** ***")
                             && Contains("a run id that contains the API key"));
  }
  auto resolve = run_program(job.command("resolve"));
  check_clean("resolve", resolve.out + resolve.err);
  CHECK(run_program(job.command("status", {"--list", "rejected"})).out
        == "https://me:" + std::string{list_password} + "@shop.example/p/2\n");
  CHECK_THAT(content_of(job.folder / "dead.jsonl"),
             Contains("answered 422: *** *** *** ***"));
}

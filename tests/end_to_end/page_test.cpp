// The status page in a real browser.

#include "core/base/units.hpp"
#include "tests/end_to_end/browser.hpp"
#include "tests/end_to_end/served_job.hpp"
#include "tests/support/json_view.hpp"

#include <catch2/catch.hpp>
#include <rapidjson/pointer.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <optional>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using Catch::Contains;

namespace {

bool no_browser() {
  if (browser::is_installed())
    return false;
  std::cout << "skipped: chromium is not installed, or there is no /proc\n";
  return true;
}

/// Every number with a `data-field` on the page is that field of the status.
void check_numbers(browser& page, const std::string& status) {
  rapidjson::Document document;
  document.Parse(status.c_str());
  auto shown = page.evaluate(
    "[...document.querySelectorAll('[data-field]')].map((field) => "
    "[field.dataset.field, field.textContent])");
  CHECK(shown.size() >= 15);
  for (size_t i = 0; i < shown.size(); ++i) {
    auto place = "/" + shown[i][0].text();
    std::replace(place.begin(), place.end(), '.', '/');
    auto* value = rapidjson::Pointer{place.c_str()}.Get(document);
    INFO(place);
    REQUIRE(value != nullptr);
    CHECK(shown[i][1].text() == human_count(value->GetUint64()));
  }
}

bool stands_above(browser& page, const std::string& upper,
                  const std::string& lower) {
  return page.evaluate("Boolean(document.querySelector('" + upper
                       + "').compareDocumentPosition(document.querySelector('"
                       + lower + "')) & Node.DOCUMENT_POSITION_FOLLOWING)")
         == true;
}

bool overflows(browser& page, int width) {
  return page.evaluate("document.documentElement.scrollWidth > "
                       + std::to_string(width))
         == true;
}

/// Each cause has its share of the full width and its own colour.
void check_why(browser& page) {
  page.wait_for("!document.querySelector('#why-card').hidden");
  CHECK(page.evaluate("document.querySelector('#why-card').offsetWidth === "
                      "document.querySelector('.wide').offsetWidth")
        == true);
  CHECK(page.evaluate(
          "[...document.querySelectorAll('#why i')].every((part) => "
          "part.style.background === `var(--${part.title.split(':')[0]})` && "
          "getComputedStyle(part).backgroundColor !== 'rgba(0, 0, 0, 0)')")
        == true);
}

const std::string attack = "<img src=x onerror='window.pwned=1'><script>window"
                           ".pwned=1</script>";

/// An API that puts markup in every reply and answers submits with `status`.
class markup_api {
public:
  explicit markup_api(int status = 200) {
    auto json = "application/json";
    server_.Post(".*", [=](auto&, httplib::Response& reply) {
      reply.status = status;
      reply.set_content(
        "{\"id\":\"" + attack + "\",\"message\":\"" + attack + "\"}", json);
    });
    server_.Get(".*", [=](auto&, httplib::Response& reply) {
      reply.status = 500;
      reply.set_content("{\"message\":\"" + attack + "\"}", json);
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
  }
  ~markup_api() {
    server_.stop();
    thread_.join();
  }

  [[nodiscard]] std::string base() const {
    return "http://127.0.0.1:" + std::to_string(port_);
  }

private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

program_input serve_command(const job_fixture& job) {
  auto input = job.command({"--set", "serve=127.0.0.1:0"});
  input.arguments[0] = "serve";
  return input;
}

} // namespace

TEST_CASE("the page of a stopped job shows the output of `status --json`") {
  if (no_browser())
    return;
  slow_job job;
  job.stop_midway();
  program serving{serve_command(job)};
  auto url = wait_for_page(serving);
  browser page;
  page.open(url);
  page.wait_for("document.querySelector('[data-field=\"urls.total\"]')");
  check_numbers(page, job.call("status", {"--json"}).out);
  CHECK(page.text_of("#job") == "job");
  CHECK(page.text_of("#state") == "not running");
  // The command omits the address, which belongs to `serve`.
  CHECK_THAT(page.text_of("#detail"),
             Catch::EndsWith("sluice run " + job.file("job.yaml").string()));
  CHECK_THAT(page.text_of("#problems"), Contains("only while the job runs"));
  check_why(page);
  CHECK_THAT(page.text_of("#work"),
             Contains("captures extrafor URLs that were not submitted")
               && Contains("captures shorta run reported them, but the API "
                           "never listed them"));
  CHECK(page.evaluate("document.querySelector('.live').hidden") == true);
  CHECK(body_of(port_in(url), "/api/status")
        == job.call("status", {"--json"}).out);
  CHECK(body_of(port_in(url), "/readyz", 503)
        == "the job is not running in this process\n");
  serving.signal(SIGTERM);
  CHECK(serving.wait().exit_code == 0);
  page.wait_for("document.querySelector('#state').textContent === "
                "'not reachable'");
}

TEST_CASE("the page of a running job is live and says when the job has ended") {
  if (no_browser())
    return;
  // Long enough for the page to appear in the middle of the job.
  slow_job job{slow_job::slower(4)};
  job.write_config("serve: 127.0.0.1:0\n");
  browser page;
  program running{job.command()};
  page.open(wait_for_page(running));
  page.wait_for("document.querySelector('#state').textContent === 'running'");
  page.wait_for("document.querySelectorAll('#runs .track i').length > 3");
  page.wait_for("document.querySelectorAll('#requests rect').length > 0");
  CHECK_THAT(page.text_of("#sinks"), Contains("file-0"));
  CHECK(page.text_of("#problems") == "None.");
  for (std::string above : {"#stuck-card", "#problems"})
    CHECK(stands_above(page, above, "#runs"));
  page.wait_for("document.querySelector('#state').textContent === 'finished'");
  CHECK(page.text_of("#share") == "100%");
  CHECK(page.text_of("#bought tbody")
        == "bought400–at most 400delivered400400about 400");
  check_numbers(page, job.call("status", {"--json"}).out);
  CHECK(running.wait().exit_code == 0);
}

TEST_CASE("the page says at the top which sink the job waits for") {
  if (no_browser())
    return;
  slow_job job;
  // Nothing listens on port 1.
  job.write_config("  - {type: webhook, name: hook, url: "
                   "\"http://127.0.0.1:1/\"}\n"
                   "serve: 127.0.0.1:0\n");
  browser page;
  program running{job.command()};
  page.open(wait_for_page(running));
  page.wait_for("document.querySelector('#state').textContent === "
                "'waiting for a sink'");
  CHECK_THAT(page.text_of("#detail"), Catch::StartsWith("hook: "));
  CHECK_THAT(page.text_of("#figures"), !Contains("left"));
  CHECK_THAT(page.text_of("#sinks .waits"), Catch::StartsWith("waiting: "));
  // Paid URLs are shown even if nothing counts as delivered.
  page.wait_for("/^[0-9.]+% bought$/.test("
                "document.querySelector('#share').textContent)");
  page.wait_for("Number(document.querySelector('#bought "
                "[data-field=\"runs.urls\"]').textContent) >= 20");
  CHECK_THAT(page.text_of("#bought"),
             Contains("at most ") && Contains("delivered0"));
  running.signal(SIGTERM);
  static_cast<void>(running.wait());
}

TEST_CASE("the page of an interrupted job keeps its last state and shows the "
          "command that continues it") {
  if (no_browser())
    return;
  slow_job job{slow_job::slower(4)};
  job.write_config("serve: 127.0.0.1:0\n");
  browser page;
  program running{job.command({"--set", "api.requests_per_minute=6000"})};
  page.open(wait_for_page(running));
  page.wait_for("document.querySelectorAll('#runs .track i').length > 3");
  CHECK_THAT(page.text_of("#bucket"), Contains(" of 6,000"));
  running.signal(SIGTERM);
  CHECK(running.wait().exit_code == 4);
  page.wait_for("document.querySelector('#state').textContent === 'ended'");
  CHECK_THAT(page.text_of("#detail"),
             Catch::Equals("interrupted; run again to continue: sluice run "
                           + job.file("job.yaml").string()
                           + " --set api.requests_per_minute=6000"));
  // Clock times stay correct without further updates.
  CHECK(page.evaluate("/^[0-9:]{16}$/.test("
                      "document.querySelector('#runs .scale').textContent)")
        == true);
}

TEST_CASE("markup from the API is shown as text") {
  if (no_browser())
    return;
  markup_api api;
  slow_job job;
  job.write_urls("https://shop.example/<img src=x onerror=alert(1)>\n"
                 "https://shop.example/1\n");
  job.write_config("serve: 127.0.0.1:0\n");
  program running{job.command({"--set", "api.base_url=" + api.base()})};
  browser page{{.width = 375, .height = 800}};
  page.open(wait_for_page(running));
  page.wait_for("document.querySelectorAll('.problem').length > 0");
  page.wait_for("document.querySelector('#detail').textContent"
                ".startsWith('the API fails: HTTP 500')");
  CHECK_THAT(page.text_of("#problems"), Contains(attack));
  CHECK_THAT(page.text_of("#runs"), Contains(attack));
  CHECK(page.evaluate("window.pwned === undefined") == true);
  CHECK(page.evaluate("document.querySelectorAll('main img, main script')"
                      ".length")
        == 0);
  CHECK(page.complaints() == std::vector<std::string>{});
  CHECK_FALSE(overflows(page, 375));
  running.signal(SIGTERM);
  CHECK(running.wait().exit_code == 4);
}

TEST_CASE("held batches are shown with the commands that resolve them and "
          "resubmitted URLs as a round") {
  if (no_browser())
    return;
  markup_api api{500};
  slow_job job;
  job.write_urls(url_lines(20));
  auto config = job.config_text();
  auto own = job.api().base_url();
  config.replace(config.find(own), own.size(), api.base());
  fill(job.file("job.yaml"), config);
  program running{job.command()};
  REQUIRE(running.says("batch_held"));
  running.signal(SIGTERM);
  CHECK(running.wait().exit_code == 3);
  REQUIRE(job.status_of("/urls/held") == 20);
  program serving{serve_command(job)};
  browser page;
  page.open(wait_for_page(serving));
  page.wait_for("document.querySelectorAll('.stuck code').length === 3");
  CHECK_THAT(page.text_of("#stuck"),
             Contains("Batch 1, held · 20 URLs") && Contains(attack));
  CHECK(page.evaluate("window.pwned === undefined") == true);
  auto command = page.text_of(".stuck code:last-child");
  CHECK_THAT(command, Catch::EndsWith(" 1 abandon"));
  auto input = job.command();
  input.executable = "/bin/sh";
  input.arguments = {"-c",
                     "sluice() { " SLUICE_PROGRAM " \"$@\"; }; " + command};
  auto decided = run_program(input);
  INFO(decided.err);
  REQUIRE(decided.exit_code == 0);
  page.wait_for("document.querySelectorAll('.stuck code').length === 0");
  CHECK_THAT(page.text_of("#stuck"), Contains("Batch 1, failed · 20 URLs")
                                       && Contains("--retry failed"));
  CHECK(page.text_of("[data-field='urls.failed']") == "20");
  program again{job.command({"--retry", "failed"})};
  REQUIRE(again.says("batch_held"));
  page.wait_for("document.querySelectorAll('#rounds p').length === 2");
  CHECK_THAT(page.text_of("#rounds p:last-child"),
             Contains("Retry 1 (20 failed): 20 URLs"));
  again.signal(SIGTERM);
  static_cast<void>(again.wait());
  serving.signal(SIGTERM);
  static_cast<void>(serving.wait());
}

TEST_CASE("the page is light or dark as the reader prefers and fits a phone") {
  if (no_browser())
    return;
  slow_job job;
  job.stop_midway();
  auto serve = serve_command(job);
  serve.arguments.insert(serve.arguments.end(),
                         {"--set", "captures.fetch=download"});
  program serving{serve};
  auto url = wait_for_page(serving);
  auto ground = [&](bool dark) {
    browser page{{.width = 375, .height = 800, .dark = dark}};
    page.open(url);
    page.wait_for("document.querySelector('[data-field]')");
    CHECK_FALSE(overflows(page, 375));
    CHECK(page.complaints() == std::vector<std::string>{});
    CHECK_THAT(page.text_of("#work"), Contains("requests downloads"));
    CHECK(page.evaluate("document.querySelector('#bought').scrollWidth === "
                        "document.querySelector('#bought').clientWidth")
          == true);
    return page.evaluate("getComputedStyle(document.body).backgroundColor")
      .text();
  };
  CHECK(ground(false) == "rgb(244, 246, 249)");
  CHECK(ground(true) == "rgb(15, 20, 26)");
  serving.signal(SIGTERM);
  static_cast<void>(serving.wait());
}

// Not a test. `scripts/screenshots` runs it.
TEST_CASE("the manual's pictures of the page", "[.pictures]") {
  temp_folder folder;
  fill(folder / "urls.txt", url_lines(6'000));
  fill(folder / "shoes-weekly.yaml",
       "api: {key: unused, requests_per_minute: 35}\n"
       "input: {urls: [urls.txt]}\n"
       "runs: {robot: rbt_shoes}\n"
       "sinks:\n"
       "  - {type: file, name: all, path: captures.jsonl}\n"
       "  - {type: webhook, name: orders, url: \"https://hooks.example/x\"}\n"
       "serve: 127.0.0.1:0\n");
  program_input input;
  input.arguments = {"run", (folder / "shoes-weekly.yaml").string(),
                     "--simulate", "--speed", "2"};
  program running{input};
  auto url = wait_for_page(running);
  std::this_thread::sleep_for(std::chrono::seconds{50});
  auto take = [&](const browser_options& options, const std::string& name,
                  bool whole) {
    browser page{options};
    page.open(url);
    page.wait_for("document.querySelectorAll('#runs .run').length > 3");
    std::this_thread::sleep_for(std::chrono::seconds{2});
    page.take_picture(std::string{SLUICE_SOURCE_DIR} + "/docs/images/" + name,
                      whole);
  };
  take({}, "page-light.png", true);
  take({.dark = true}, "page-dark.png", true);
  take({.width = 390, .height = 1'200}, "page-phone.png", false);
}

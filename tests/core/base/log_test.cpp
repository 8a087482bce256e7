#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/secrets.hpp"
#include "core/base/utf8.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <fcntl.h>
#include <unistd.h>

using namespace sluice;

namespace {

/// What `act` writes to standard error.
template <class F>
std::string written_by(F act) {
  test::temp_folder folder;
  auto file = folder / "stderr";
  auto fd = ::open(file.c_str(), O_WRONLY | O_CREAT, 0600);
  auto before = ::dup(STDERR_FILENO);
  REQUIRE(fd >= 0);
  ::dup2(fd, STDERR_FILENO);
  act();
  ::dup2(before, STDERR_FILENO);
  ::close(before);
  ::close(fd);
  return test::content_of(file);
}

/// Whether `text` is UTF-8 without control characters.
bool is_clean(std::string_view text) {
  while (!text.empty()) {
    auto length = utf8_sequence(text);
    if (length == 0 || is_control(text.substr(0, length)))
      return false;
    text.remove_prefix(length);
  }
  return true;
}

/// Every byte, C1 controls in UTF-8, broken UTF-8, and a secret.
std::string hostile_text() {
  std::string text = "planted-in-a-log-line ";
  for (auto byte = 0; byte < 256; ++byte)
    text += static_cast<char>(byte);
  return text + "\xc2\x9b" + "2J \xe2\x82 \xed\xa0\x80 \xf0\x9f";
}

void log_hostile_text() {
  log_event(log_level::warn, "sink_waits", hostile_text(),
            {{"reason", hostile_text()},
             {"sink", hostile_text().c_str()},
             {"urls", 7}});
}

} // namespace

TEST_CASE("no control character, invalid UTF-8 or secret gets into a line of "
          "the log") {
  keep_secret("planted-in-a-log-line");
  auto as_json = GENERATE(false, true);
  configure_log(log_level::info, as_json);
  auto line = written_by(log_hostile_text);
  configure_log(log_level::info, false);
  REQUIRE(line.ends_with('\n'));
  line.pop_back();
  CHECK(is_clean(line));
  CHECK(line.find("planted") == std::string::npos);
  CHECK(line.find("*** ") != std::string::npos);
  CHECK(line.find("x1b") != std::string::npos);
}

TEST_CASE("no control character, invalid UTF-8 or secret is kept in a "
          "problem") {
  keep_secret("planted-in-a-log-line");
  static_cast<void>(written_by(log_hostile_text));
  auto problem = recent_problems().latest.back();
  CHECK(is_clean(problem.sentence));
  CHECK(problem.sentence.starts_with("*** "));
  for (auto& [name, value] : problem.fields) {
    CHECK(is_clean(value));
    CHECK(value.find("planted") == std::string::npos);
  }
}

TEST_CASE("printable text is logged unchanged") {
  auto once = printable("a\tb \\ c\xff");
  configure_log(log_level::info, false);
  auto line = written_by([&] {
    log_event(log_level::info, "progress", once, {{"x", once}});
  });
  CHECK_THAT(line, Catch::Contains("progress: " + once + " x=" + once + "\n"));
}

TEST_CASE("escaped text is not truncated in a line that is a JSON object") {
  configure_log(log_level::info, true);
  auto line = written_by([] {
    log_event(log_level::info, "progress", "a \"b\"\n", {{"run", "r\x1b"}});
  });
  configure_log(log_level::info, false);
  rapidjson::Document json;
  json.Parse(line.c_str());
  REQUIRE(json.IsObject());
  CHECK(json["message"] == "a \"b\"\\x0a");
  CHECK(json["run"] == "r\\x1b");
}

TEST_CASE("a long message is truncated in its line") {
  configure_log(log_level::info, false);
  auto line = written_by(
    [] { log_event(log_level::info, "progress", std::string(1 << 20, 'x')); });
  CHECK(line.size() < 2'100);
}

TEST_CASE(
  "warnings and errors are kept for later readers, even if no log is written") {
  configure_log(log_level::off, false);
  auto before = recent_problems();
  log_event(log_level::info, "imported", "no problem");
  log_event(log_level::warn, "sink_waits", "it waits",
            {{"reason", "down\nagain"}});
  log_event(log_level::error, "run_lost", std::string(10'000, 'x'));
  auto after = recent_problems();
  CHECK(after.warnings == before.warnings + 1);
  CHECK(after.errors == before.errors + 1);
  REQUIRE(after.latest.size() >= 2);
  auto& warning = after.latest[after.latest.size() - 2];
  CHECK(warning.event == "sink_waits");
  CHECK(warning.level == log_level::warn);
  CHECK(warning.at_ms > 0);
  CHECK(warning.fields.at(0).second == R"(down\x0aagain)");
  CHECK(after.latest.back().sentence.size() < 600);
  for (auto i = 0; i < 200; ++i)
    log_event(log_level::warn, "poll_failed", "again");
  CHECK(recent_problems().latest.size() == most_problems_kept);
  CHECK(recent_problems().warnings == after.warnings + 200);
  configure_log(log_level::info, false);
}

// The output on a terminal and in a pipe.

#include "tests/support/job_fixture.hpp"

#include <catch2/catch.hpp>

#include <regex>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr auto drawn = "\r\x1b[K";

struct drawn_job : job_fixture {
  drawn_job() {
    write_config();
    write_urls(url_lines(60));
  }

  /// The output on a terminal of that width.
  [[nodiscard]] std::string
  on_terminal(unsigned short columns, std::vector<std::string> more = {},
              std::map<std::string, std::string> environment = {}) const {
    auto input = command(std::move(more));
    input.terminal_columns = columns;
    input.environment.emplace("TERM", "xterm");
    for (auto& [name, value] : environment)
      input.environment[name] = value;
    auto result = run_program(input);
    INFO(result.err);
    CHECK(result.exit_code == 0);
    return result.err;
  }
};

std::string without_colours(const std::string& text) {
  static const std::regex colour{"\x1b\\[[0-9;]*m"};
  return std::regex_replace(text, colour, "");
}

/// Everything that was drawn on the live line.
std::vector<std::string> live_lines(const std::string& text) {
  static const std::regex line{"\r\x1b\\[K([^\r\n]*)"};
  std::vector<std::string> lines;
  for (std::sregex_iterator at{text.begin(), text.end(), line}, end; at != end;
       ++at)
    lines.push_back((*at)[1]);
  return lines;
}

} // namespace

TEST_CASE("a terminal shows one live line below whole, coloured log lines") {
  if (!program::can_have_terminal())
    return;
  drawn_job job;
  auto shown = job.on_terminal(100);
  CHECK_THAT(shown, Catch::Contains("\x1b[32minfo\x1b[m"));
  CHECK_THAT(shown, Catch::Contains("\x1b[1m0/60 URLs (0%)\x1b[0m, "));
  // The line is erased before a log line, which ends with a line break.
  static const std::regex log_line{
    "(^|\n|\r\x1b\\[K)[0-9-]+T[0-9:.+]+ info imported: [^\r\n]*\r\n"};
  CHECK(std::regex_search(without_colours(shown), log_line));
  CHECK_THAT(shown, Catch::Contains(std::string{drawn} + "URLs\r\n"));
}

TEST_CASE("the live line never wraps on a narrow terminal") {
  if (!program::can_have_terminal())
    return;
  drawn_job job;
  unsigned short columns = GENERATE(40, 20);
  for (auto& line : live_lines(without_colours(job.on_terminal(columns))))
    // Log lines and the account are not redrawn, so they may be longer.
    if (line.find("URLs (") != std::string::npos) {
      INFO(line);
      CHECK(line.size() < columns);
    }
}

TEST_CASE("NO_COLOR keeps the live line and removes the colours") {
  if (!program::can_have_terminal())
    return;
  drawn_job job;
  auto shown = job.on_terminal(100, {}, {{"NO_COLOR", "1"}});
  CHECK_THAT(shown, Catch::Contains(std::string{drawn} + "0/60 URLs (0%), "));
  CHECK(without_colours(shown) == shown);
}

TEST_CASE("a dumb terminal gets only lines, as text") {
  if (!program::can_have_terminal())
    return;
  drawn_job job;
  auto shown = job.on_terminal(100, {}, {{"TERM", "dumb"}});
  CHECK(shown.find('\x1b') == std::string::npos);
  CHECK_THAT(shown, Catch::Contains(" info imported: "));
}

TEST_CASE("a pipe gets only lines, as JSON") {
  drawn_job job;
  auto result = job.run();
  CHECK(result.err.find('\x1b') == std::string::npos);
  CHECK_THAT(result.err, Catch::Contains("\"event\":\"imported\""));
}

TEST_CASE("quiet shows only the account") {
  if (!program::can_have_terminal())
    return;
  drawn_job job;
  CHECK_THAT(job.on_terminal(100, {"--quiet"}), Catch::StartsWith("URLs\r\n"));
}

TEST_CASE("verbose logs every step in plain lines") {
  if (!program::can_have_terminal())
    return;
  drawn_job job;
  auto shown = job.on_terminal(100, {"-v"});
  for (auto event : {"imported", "run_submitted", "run_ended", "run_committed"})
    CHECK_THAT(shown, Catch::Contains(" " + std::string{event} + ": "));
  CHECK(shown.find('\x1b') == std::string::npos);
}

TEST_CASE("quiet and verbose together are refused") {
  drawn_job job;
  CHECK(job.run({"-q", "-v"}).exit_code == 1);
}

#include "pipeline/report/terminal.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

constexpr auto line = "3,999/12,000 URLs (33%), 11 runs, 119/120 req/min, "
                      "1 h 05 min left, 2 × 429";

} // namespace

TEST_CASE("a terminal gets a live line in colour") {
  auto style = style_for(verbosity::normal, true, "xterm-256color", nullptr);
  CHECK(style.progress);
  CHECK(style.live);
  CHECK(style.coloured);
  // An empty value counts as unset: no-color.org.
  CHECK(style_for(verbosity::normal, true, "xterm", "").coloured);
}

TEST_CASE("NO_COLOR keeps the live line but without colours") {
  auto style = style_for(verbosity::normal, true, "xterm", "1");
  CHECK(style.live);
  CHECK_FALSE(style.coloured);
}

TEST_CASE("a non-terminal or a dumb terminal gets plain lines") {
  for (auto style : {style_for(verbosity::normal, false, "xterm", nullptr),
                     style_for(verbosity::normal, true, "dumb", nullptr),
                     style_for(verbosity::normal, true, "", nullptr),
                     style_for(verbosity::normal, true, nullptr, nullptr),
                     style_for(verbosity::verbose, true, "xterm", nullptr)}) {
    CHECK(style.progress);
    CHECK_FALSE(style.live);
    CHECK_FALSE(style.coloured);
  }
}

TEST_CASE("quiet shows no progress") {
  auto style = style_for(verbosity::quiet, true, "xterm", nullptr);
  CHECK_FALSE(style.progress);
  CHECK_FALSE(style.live);
}

TEST_CASE("a line that fits is shown in full") {
  CHECK(fit_line(line, 78, false) == line);
  // The multiplication sign has two bytes and takes one column.
  CHECK(fit_line(line, 75, false) == line);
}

TEST_CASE("a narrow terminal shows as many whole parts as fit") {
  CHECK(fit_line(line, 74, false)
        == "3,999/12,000 URLs (33%), 11 runs, 119/120 req/min, "
           "1 h 05 min left");
  CHECK(fit_line(line, 40, false) == "3,999/12,000 URLs (33%), 11 runs");
  CHECK(fit_line(line, 32, false) == "3,999/12,000 URLs (33%), 11 runs");
  CHECK(fit_line(line, 31, false) == "3,999/12,000 URLs (33%)");
}

TEST_CASE("a first part that is too long is truncated") {
  CHECK(fit_line(line, 12, false) == "3,999/12,000");
  CHECK(fit_line("a×b, c", 2, false) == "a×");
  CHECK(fit_line(line, 0, false).empty());
}

TEST_CASE("colours take no columns") {
  CHECK(fit_line("5/9 URLs, 2 × 429", 17, true)
        == "\x1b[1m5/9 URLs\x1b[0m, \x1b[33m2 × 429\x1b[0m");
  CHECK(fit_line("5/9 URLs, 2 × 429", 16, true) == "\x1b[1m5/9 URLs\x1b[0m");
}

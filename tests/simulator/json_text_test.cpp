#include "simulator/json_text.hpp"

#include <catch2/catch.hpp>

using namespace sluice::sim;

TEST_CASE("text is escaped only where JSON requires it") {
  auto [text, json] = GENERATE(table<std::string, std::string>({
    {"", R"("")"},
    {"plain", R"("plain")"},
    {"grün 👟", R"("grün 👟")"},
    {R"(a"b\c)", R"("a\"b\\c")"},
    {"a\nb", R"("a\u000ab")"},
    {std::string{"\0", 1}, R"("\u0000")"},
    {"\x1f\x7f", "\"\\u001f\x7f\""},
  }));
  std::string out;
  append_json_string(out, text);
  CHECK(out == json);
}

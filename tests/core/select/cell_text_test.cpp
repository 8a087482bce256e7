#include "core/select/row_selector.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace sluice;
using namespace std::string_literals;

namespace {

struct decoded_cell {
  std::string text;
  uint64_t replaced = 0;
  bool has_nul = false;
  bool operator==(const decoded_cell&) const = default;
};

decoded_cell decode(std::string_view text, bool escaped) {
  std::string scratch;
  text_losses losses;
  std::string result{
    cell_text({cell_state::value, text, escaped}, scratch, losses)};
  return {result, losses.replaced, losses.has_nul};
}

decoded_cell from_escaped(std::string_view text) {
  return decode(text, true);
}

decoded_cell kept(std::string_view text) {
  return decode(text, false);
}

} // namespace

TEST_CASE("a text without escapes is not copied") {
  for (auto text : {"plain text"s, "h\xc3\xa9, \xf0\x9f\x98\x80"s, ""s}) {
    std::string scratch;
    text_losses losses;
    auto view = cell_text({cell_state::value, text}, scratch, losses);
    CHECK(view.data() == text.data());
    CHECK(view == text);
    CHECK(losses.replaced == 0);
    CHECK_FALSE(losses.has_nul);
  }
}

TEST_CASE("a backslash in a text without escapes stands for itself") {
  CHECK(kept("\\n").text == "\\n");
}

TEST_CASE("the escapes of a text are decoded") {
  CHECK(from_escaped(R"(a\n\t\"\\\/\u00e9)").text == "a\n\t\"\\/\xc3\xa9");
  CHECK(from_escaped(R"(\ud83d\ude00)") == decoded_cell{"\xf0\x9f\x98\x80"});
}

TEST_CASE("an unpaired surrogate is replaced and counted") {
  CHECK(from_escaped(R"(a\ud83d)") == decoded_cell{"a\xef\xbf\xbd", 1});
  CHECK(from_escaped(R"(\ude00\ud83dx)")
        == decoded_cell{"\xef\xbf\xbd\xef\xbf\xbdx", 2});
  CHECK(from_escaped(R"(\ud83d\ud83d\ude00)")
        == decoded_cell{"\xef\xbf\xbd\xf0\x9f\x98\x80", 1});
  CHECK(from_escaped(R"(\ufffd)") == decoded_cell{"\xef\xbf\xbd", 0});
}

TEST_CASE("an invalid UTF-8 sequence is replaced and counted") {
  CHECK(kept("a\xff") == decoded_cell{"a\xef\xbf\xbd", 1});
  CHECK(kept("\xe2\x82x") == decoded_cell{"\xef\xbf\xbdx", 1});
  CHECK(kept("\xed\xa0\x80") == decoded_cell{"\xef\xbf\xbd", 1});
  CHECK(kept("\x80\xc3\xa9\xc3")
        == decoded_cell{"\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd", 2});
  CHECK(from_escaped("\xc3\\u00e9") == decoded_cell{"\xef\xbf\xbd\xc3\xa9", 1});
}

TEST_CASE("losses add up over several texts") {
  std::string scratch;
  text_losses losses;
  static_cast<void>(cell_text({cell_state::value, "\xff"}, scratch, losses));
  static_cast<void>(
    cell_text({cell_state::value, R"(\u0000)", true}, scratch, losses));
  static_cast<void>(cell_text({cell_state::value, "\xff"}, scratch, losses));
  CHECK(losses.replaced == 2);
  CHECK(losses.has_nul);
}

TEST_CASE("a zero character is kept and reported") {
  CHECK(from_escaped(R"(a\u0000b)") == decoded_cell{"a\0b"s, 0, true});
  CHECK(kept("a\0b"s) == decoded_cell{"a\0b"s, 0, true});
  CHECK(from_escaped(R"(\u0000\ud800)")
        == decoded_cell{"\0\xef\xbf\xbd"s, 1, true});
}

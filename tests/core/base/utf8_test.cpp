#include "core/base/utf8.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

TEST_CASE("the first byte of a UTF-8 sequence gives its length") {
  CHECK(utf8_sequence("a") == 1);
  CHECK(utf8_sequence("\xC3\xA9x") == 2);
  CHECK(utf8_sequence("\xE2\x82\xAC") == 3);
  CHECK(utf8_sequence("\xF0\x9F\x98\x80") == 4);
  CHECK(utf8_sequence("\xF4\x8F\xBF\xBF") == 4);
}

TEST_CASE("invalid UTF-8 is not a sequence") {
  for (std::string_view bytes :
       {"", "\x80", "\xC0\xAF", "\xC1\xBF", "\xC3", "\xC3\x28", "\xE0\x9F\xBF",
        "\xED\xA0\x80", "\xE2\x82", "\xE2\x82\x28", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"})
    CHECK(utf8_sequence(bytes) == 0);
}

TEST_CASE("the valid front of a text ends before its first invalid byte") {
  CHECK(utf8_prefix("") == 0);
  CHECK(utf8_prefix("plain") == 5);
  CHECK(utf8_prefix("a\xC3\xA9z") == 4);
  CHECK(utf8_prefix("a\xC3\xA9z\xFFz") == 4);
  CHECK(utf8_prefix("\xC3") == 0);
  CHECK(utf8_prefix({"\0\xC3\xA9", 3}) == 3);
}

TEST_CASE("controls are C0, DEL and C1") {
  for (std::string_view text :
       {"\x01", "\n", "\x1f", "\x7f", "\xC2\x80", "\xC2\x9F"})
    CHECK(is_control(text));
  for (std::string_view text :
       {" ", "a", "\xC2\xA0", "\xC3\x80", "\xE2\x82\xAC"})
    CHECK_FALSE(is_control(text));
}

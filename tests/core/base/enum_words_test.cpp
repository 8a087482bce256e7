#include "core/base/enum_words.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

enum class colour { red, green };

constexpr enum_words<colour, 2> colours{
  {{"red", colour::red}, {"green", colour::green}}};

} // namespace

TEST_CASE("a table of words answers in both directions") {
  CHECK(value_of(colours, "green") == colour::green);
  CHECK(word_of(colours, colour::red) == "red");
  CHECK(words_in(colours) == std::vector<std::string>{"red", "green"});
}

TEST_CASE("a word that a table lacks has no value") {
  CHECK(value_of(colours, "blue") == std::nullopt);
  CHECK(value_of(colours, "Red") == std::nullopt);
  CHECK(value_of(colours, "") == std::nullopt);
}

TEST_CASE("a table names all values if it has each once, in order") {
  STATIC_REQUIRE(names_all(colours, colour::green));
  STATIC_REQUIRE_FALSE(names_all(colours, colour::red));
  constexpr enum_words<colour, 1> cut{{{"red", colour::red}}};
  STATIC_REQUIRE_FALSE(names_all(cut, colour::green));
  constexpr enum_words<colour, 2> mixed{
    {{"green", colour::green}, {"red", colour::red}}};
  STATIC_REQUIRE_FALSE(names_all(mixed, colour::green));
  constexpr enum_words<colour, 2> same{
    {{"red", colour::red}, {"red", colour::green}}};
  STATIC_REQUIRE_FALSE(names_all(same, colour::green));
}

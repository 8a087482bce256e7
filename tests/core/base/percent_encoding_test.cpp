#include "core/base/percent_encoding.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

TEST_CASE("encoded text cannot escape from its place in a URL") {
  CHECK(percent_encode("aZ09-._~") == "aZ09-._~");
  CHECK(percent_encode("a/b?c&d=e#f g%\r\n\xe2\x82\xac")
        == "a%2Fb%3Fc%26d%3De%23f%20g%25%0D%0A%E2%82%AC");
  CHECK(percent_decode(percent_encode("p@s:w%/\xff")) == "p@s:w%/\xff");
  CHECK(percent_decode("%4a%zz%4") == "J%zz%4");
}

TEST_CASE("an encoded byte is a percent sign and two hex digits") {
  CHECK(encoded_byte("%4aX") == 'J');
  CHECK(encoded_byte("%fF") == '\xff');
  for (auto text : {"", "4a", "%4", "%4g", "%g4", "%%41"})
    CHECK_FALSE(encoded_byte(text));
}

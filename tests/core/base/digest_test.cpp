#include "core/base/digest.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

TEST_CASE("SHA-256 gives the published digests", "[signature]") {
  CHECK(sha256_hex({"abc"})
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex({})
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex({"a", "", "bc"}) == sha256_hex({"abc"}));
}

TEST_CASE("HMAC-SHA-256 gives the digests of RFC 4231", "[signature]") {
  CHECK(hmac_sha256_hex("Jefe", "what do ya want for nothing?")
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hmac_sha256_hex(std::string(20, '\x0b'), "Hi There")
        == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

TEST_CASE("a key with a zero byte is used whole", "[signature]") {
  using std::string_literals::operator""s;
  CHECK(hmac_sha256_hex("a\0b"s, "x") != hmac_sha256_hex("a\0c"s, "x"));
}

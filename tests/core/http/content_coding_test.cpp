#include "core/http/content_coding.hpp"
#include "tests/core/input/list_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;

namespace {

reply_head coded(std::vector<std::string> values) {
  reply_head head;
  for (auto& value : values)
    head.fields.emplace_back("content-encoding", std::move(value));
  return head;
}

} // namespace

TEST_CASE("gzip is decoded under both its names and other codings are not") {
  for (auto name : {"gzip", "GZip", "x-gzip"})
    CHECK(is_gzip(coded({name})));
  for (auto name : {"", "identity", "br", "deflate", "gzip, br"})
    CHECK_FALSE(is_gzip(coded({name})));
  CHECK_FALSE(is_gzip(coded({"br", "gzip"})));
  CHECK_FALSE(is_gzip({}));
}

TEST_CASE("all gzip members of a body form one content") {
  auto body = gzip("[1,") + gzip("") + gzip("2]");
  REQUIRE(unpack_gzip(body, 5) == unpacking::done);
  CHECK(body == "[1,2]");
  body = gzip("[1,2]") + std::string(512, '\0');
  REQUIRE(unpack_gzip(body, 5) == unpacking::done);
  CHECK(body == "[1,2]");
}

TEST_CASE("a body that decompresses to more than its cap is too large") {
  auto body = gzip(std::string(10 << 20, 'x'));
  auto packed = body;
  CHECK(unpack_gzip(body, (10 << 20) - 1) == unpacking::too_large);
  CHECK(body == packed);
  CHECK(unpack_gzip(body, 10 << 20) == unpacking::done);
  body = gzip("[1,") + gzip("2]");
  CHECK(unpack_gzip(body, 4) == unpacking::too_large);
}

TEST_CASE("a damaged body is left unchanged") {
  auto whole = gzip("[1,2]");
  for (const auto& packed :
       {whole.substr(0, whole.size() - 1), whole + whole.substr(0, 9),
        whole + "[1,2]", whole + std::string(8, '\0') + whole,
        std::string{"[1,2]"}, std::string(20, '\0')}) {
    auto body = packed;
    CHECK(unpack_gzip(body, 100) == unpacking::damaged);
    CHECK(body == packed);
  }
}

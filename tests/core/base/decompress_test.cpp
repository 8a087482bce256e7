#include "core/base/decompress.hpp"
#include "tests/core/input/list_fixture.hpp"

#include <catch2/catch.hpp>
#include <zstd.h>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr compression formats[] = {compression::gzip, compression::zstd,
                                   compression::lz4};

caf::expected<std::string>
expand(compression kind, std::string bytes, size_t step = SIZE_MAX) {
  auto source =
    decompressed(kind, std::make_unique<memory_source>(std::move(bytes), step));
  REQUIRE(source);
  return read_all(**source);
}

std::string long_text() {
  std::string text;
  for (int i = 0; i < 30'000; ++i)
    text += "https://shop.example/" + std::to_string(i * 7919) + '\n';
  return text;
}

} // namespace

TEST_CASE("the extension says how a list is compressed") {
  CHECK(compression_of("/a/list.txt.gz") == compression::gzip);
  CHECK(compression_of("list.csv.zst") == compression::zstd);
  CHECK(compression_of("list.lz4") == compression::lz4);
  CHECK(compression_of("list.gzip") == compression::none);
  CHECK(compression_of("-") == compression::none);
  CHECK(without_compression("list.csv.zst") == "list.csv");
  CHECK(without_compression("list.csv") == "list.csv");
}

TEST_CASE("compressed bytes are restored from pieces of any size") {
  auto text = long_text();
  for (auto kind : formats)
    for (size_t step : {1ul, 7ul, 4096ul, SIZE_MAX}) {
      CAPTURE(static_cast<int>(kind), step);
      auto got = expand(kind, compress(kind, text), step);
      REQUIRE(got);
      CHECK(*got == text);
    }
}

TEST_CASE("concatenated members and frames are one stream") {
  for (auto kind : formats) {
    CAPTURE(static_cast<int>(kind));
    auto got = expand(kind, compress(kind, "one\n") + compress(kind, "")
                              + compress(kind, "two\n"));
    REQUIRE(got);
    CHECK(*got == "one\ntwo\n");
  }
}

TEST_CASE("compressed data that ends early is an error, wherever it ends") {
  for (auto kind : formats) {
    auto bytes = compress(kind, "https://shop.example/1\nhttps://x.example/\n");
    bytes = bytes + bytes;
    for (size_t cut = 0; cut < bytes.size(); ++cut) {
      if (cut == bytes.size() / 2)
        continue; // the whole first member
      CAPTURE(static_cast<int>(kind), cut);
      auto got = expand(kind, bytes.substr(0, cut));
      REQUIRE_FALSE(got);
      CHECK(code_of(got.error()) == ec::input);
    }
  }
}

TEST_CASE("damaged compressed data is an error") {
  auto text = long_text();
  for (auto kind : formats) {
    auto bytes = compress(kind, text);
    bytes[bytes.size() / 2] ^= 0x10;
    CAPTURE(static_cast<int>(kind));
    auto got = expand(kind, bytes);
    REQUIRE_FALSE(got);
    CHECK(code_of(got.error()) == ec::input);
  }
}

TEST_CASE("bytes after the last member are an error") {
  for (auto kind : formats) {
    CAPTURE(static_cast<int>(kind));
    CHECK_FALSE(expand(kind, compress(kind, "one\n") + "plain text follows"));
    CHECK_FALSE(expand(kind, "plain text, whatever the name says"));
  }
}

TEST_CASE(
  "zeros after the last gzip member are padding that nothing may follow") {
  auto member = compress(compression::gzip, "one\n");
  auto padded = member + member + std::string(1000, '\0');
  for (size_t step : {1ul, 7ul, SIZE_MAX}) {
    auto got = expand(compression::gzip, padded, step);
    REQUIRE(got);
    CHECK(*got == "one\none\n");
    CHECK_FALSE(expand(compression::gzip, padded + "x", step));
    CHECK_FALSE(expand(compression::gzip, padded + member, step));
    CHECK_FALSE(expand(compression::gzip, std::string(20, '\0'), step));
  }
}

TEST_CASE("zstd data that needs a huge window is refused with advice") {
  auto context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 27);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  std::string text = long_text();
  std::string bytes(ZSTD_compressBound(text.size()), '\0');
  ZSTD_outBuffer out{bytes.data(), bytes.size(), 0};
  ZSTD_inBuffer part{text.data(), text.size() / 2, 0};
  ZSTD_compressStream2(context, &out, &part, ZSTD_e_flush);
  ZSTD_inBuffer none{nullptr, 0, 0};
  ZSTD_compressStream2(context, &out, &none, ZSTD_e_end);
  ZSTD_freeCCtx(context);
  bytes.resize(out.pos);
  auto got = expand(compression::zstd, bytes);
  REQUIRE_FALSE(got);
  CHECK(what_of(got.error()).find("level 19") != std::string::npos);
}

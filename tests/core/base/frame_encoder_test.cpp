#include "core/base/frame_encoder.hpp"
#include "tests/support/frames.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <vector>

using namespace sluice;

namespace {

const std::vector every_compression{compression::none, compression::gzip,
                                    compression::zstd, compression::lz4};

/// Data that compresses badly, so that the output takes many calls.
std::string noise(size_t size) {
  std::mt19937 random{7};
  std::string text(size, '\0');
  for (auto& c : text)
    c = static_cast<char>(random());
  return text;
}

void feed(frame_encoder& encoder, std::string& out, std::string_view bytes) {
  auto ready = encoder.encode(bytes);
  REQUIRE(ready);
  out += *ready;
}

void end_frame(frame_encoder& encoder, std::string& out) {
  auto ready = encoder.finish();
  REQUIRE(ready);
  out += *ready;
}

} // namespace

TEST_CASE("a finished frame can be read alone and with later frames",
          "[frames]") {
  auto as = GENERATE(from_range(every_compression));
  auto encoder = make_frame_encoder(as);
  auto large = noise(700'000);
  std::string out;
  feed(*encoder, out, "first ");
  feed(*encoder, out, large);
  end_frame(*encoder, out);
  auto first_end = out.size();
  feed(*encoder, out, "second");
  end_frame(*encoder, out);

  auto bytes = std::string_view{out};
  CHECK(test::decompress_all(as, bytes.substr(0, first_end))
        == "first " + large);
  CHECK(test::decompress_all(as, bytes) == "first " + large + "second");
}

TEST_CASE("ending a frame twice or without data writes nothing", "[frames]") {
  auto as = GENERATE(from_range(every_compression));
  auto encoder = make_frame_encoder(as);
  std::string out;
  end_frame(*encoder, out);
  CHECK(out.empty());
  feed(*encoder, out, "x");
  end_frame(*encoder, out);
  auto size = out.size();
  end_frame(*encoder, out);
  CHECK(out.size() == size);
}

TEST_CASE("the first bytes of a file show whether it can be appended to",
          "[frames]") {
  for (auto written : every_compression) {
    auto encoder = make_frame_encoder(written);
    std::string out;
    feed(*encoder, out, "{\"a\":1}\n");
    end_frame(*encoder, out);
    for (auto as : every_compression)
      CHECK(is_foreign(as, out.substr(0, 4)) == (as != written));
  }
  CHECK_FALSE(is_foreign(compression::none, "{}"));
}

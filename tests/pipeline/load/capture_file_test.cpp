#include "core/base/frame_encoder.hpp"
#include "pipeline/load/capture_file.hpp"
#include "tests/pipeline/load/pieces.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

using namespace sluice;
using namespace sluice::test;

namespace {

/// Each text as a frame of its own.
std::string encoded(compression as, const std::vector<std::string>& texts) {
  auto encoder = make_frame_encoder(as);
  std::string out;
  for (auto& text : texts) {
    out += *encoder->encode(text);
    out += *encoder->finish();
  }
  return out;
}

struct file_fixture {
  temp_folder folder;
  std::filesystem::path path = folder / "captures";

  [[nodiscard]] loaded_file
  known(uint64_t offset = 0, std::string hash = {}) const {
    return {path.native(), offset, 0, std::move(hash), {}};
  }

  [[nodiscard]] auto open(const loaded_file& known) const {
    return continue_file(known, {}, always);
  }

  /// The captures up to the end or an error.
  static std::string rest(open_capture_file& file, caf::error* end = nullptr) {
    std::string out;
    for (;;) {
      auto page = file.lines.next();
      if (!page && end != nullptr)
        *end = page.error();
      if (!page || !*page)
        return out;
      for (auto& span : (*page)->captures)
        out += (*page)->body->substr(span.begin, span.end - span.begin) + " ";
    }
  }
};

constexpr compression all[] = {compression::none, compression::gzip,
                               compression::zstd, compression::lz4};

} // namespace

TEST_CASE_METHOD(file_fixture,
                 "a file is read in any compression, whatever its "
                 "name, and continued within it") {
  for (auto as : all) {
    INFO(word_of(compression_words, as));
    fill(path, encoded(as, {"1\n2\n", "3\n4\n", "5\n"}));
    auto file = open(known());
    REQUIRE(file);
    CHECK(rest(*file) == "1 2 3 4 5 ");
    auto part = open(known());
    REQUIRE_FALSE(part->lines.skip(6, always));
    auto again = open(known(6, part->lines.hash()));
    REQUIRE(again);
    CHECK(rest(*again) == "4 5 ");
    CHECK(again->stamp->size == std::filesystem::file_size(path));
  }
}

TEST_CASE_METHOD(file_fixture,
                 "a compressed file that is cut short has its complete "
                 "captures, and ends with an error") {
  for (auto as : {compression::gzip, compression::zstd, compression::lz4}) {
    INFO(word_of(compression_words, as));
    auto first = encoded(as, {"1\n2\n"});
    auto both = encoded(as, {"1\n2\n", "3\n4\n5\n6\n"});
    for (auto size = first.size() + 1; size < both.size(); ++size) {
      fill(path, both.substr(0, size));
      auto file = open(known());
      REQUIRE(file);
      caf::error end;
      CHECK_THAT(rest(*file, &end), Catch::StartsWith("1 2 "));
      CHECK(code_of(end) == ec::stopped);
      CHECK_THAT(what_of(end),
                 Catch::Contains("ends within a compressed frame"));
    }
  }
}

TEST_CASE_METHOD(file_fixture,
                 "a compressed file that is damaged is an error that "
                 "names it") {
  auto both = encoded(compression::zstd, {"1\n2\n"}) + "not a frame at all";
  fill(path, both);
  auto file = open(known());
  caf::error end;
  CHECK(rest(*file, &end) == "1 2 ");
  CHECK(code_of(end) == ec::input);
  CHECK_THAT(what_of(end), Catch::Contains("/captures'"));
}

TEST_CASE_METHOD(file_fixture,
                 "only a regular file that can be opened is loaded") {
  CHECK(code_of(open(known()).error()) == ec::input);
  std::filesystem::create_directory(path);
  CHECK_THAT(what_of(open(known()).error()), Catch::Contains("regular file"));
  std::filesystem::remove(path);
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK_THAT(what_of(open(known()).error()), Catch::Contains("regular file"));
}

TEST_CASE_METHOD(file_fixture,
                 "a file that is cut short or damaged where it was loaded has "
                 "not changed, as far as anyone can say") {
  auto whole = encoded(compression::zstd, {"1\n2\n"});
  fill(path, whole.substr(0, whole.size() / 2));
  auto cut = open(known(4, "h"));
  REQUIRE_FALSE(cut);
  CHECK(code_of(cut.error()) == ec::stopped);
  fill(path, encoded(compression::zstd, {"1\n"}) + "not a frame at all");
  auto damaged = open(known(4, "h"));
  REQUIRE_FALSE(damaged);
  CHECK(code_of(damaged.error()) == ec::input);
  CHECK_THAT(what_of(damaged.error()), !Catch::Contains("has changed"));
}

TEST_CASE_METHOD(file_fixture,
                 "a file that has changed where it was loaded is refused") {
  for (auto as : all) {
    INFO(word_of(compression_words, as));
    fill(path, encoded(as, {"1\n2\n"}));
    auto part = open(known());
    REQUIRE_FALSE(part->lines.skip(4, always));
    auto hash = part->lines.hash();
    CHECK(open(known(4, hash)));
    fill(path, encoded(as, {"1\n2\n3\n"}));
    CHECK(open(known(4, hash)));
    for (auto& text : {"1\n3\n", "1\n", "", "2\n1\n"}) {
      fill(path, encoded(as, {text}));
      auto changed = open(known(4, hash));
      REQUIRE_FALSE(changed);
      CHECK(code_of(changed.error()) == ec::disk);
      CHECK_THAT(what_of(changed.error()), Catch::Contains("has changed"));
    }
  }
}

// The registered sink `file`.

#include "actors/sinks/registry.hpp"
#include "tests/actors/sinks/contract_fixture.hpp"
#include "tests/support/frames.hpp"
#include "tests/support/pages.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using test::page_of;
using test::promise;

namespace {

class file_fixture : public test::contract_fixture {
public:
  explicit file_fixture(compression as) : as_{as} {}
  test::given_values section() override {
    return {{"path", (folder_ / "out").string()},
            {"compression", std::string{word_of(compression_words, as_)}}};
  }
  promise promised() const override { return promise::exactly_once; }
  std::string lines() override {
    return test::decompress_all(as_, test::content_of(folder_ / "out"));
  }

private:
  compression as_;
  test::temp_folder folder_;
};

test::contract_entry entry_for(compression as) {
  return {"file", std::string{word_of(compression_words, as)},
          [as] { return std::make_unique<file_fixture>(as); }};
}

const test::contract_entry entries[] = {
  entry_for(compression::none), entry_for(compression::gzip),
  entry_for(compression::zstd), entry_for(compression::lz4)};

} // namespace

TEST_CASE("a rehearsed file sink writes to a separate file that is overwritten "
          "each time",
          "[sinks][file]") {
  test::temp_folder folder;
  test::fill(folder / "out", "real\n");
  test::fill(folder / "out.simulated", "of the last rehearsal\n");
  auto type = find_sink_type("file");
  REQUIRE(type);
  auto sink = type->rehearse(
    {"job", "name"},
    test::section_of(type->spec, {{"path", (folder / "out").string()}}));
  REQUIRE_FALSE(sink->open(std::nullopt));
  REQUIRE_FALSE(sink->write(page_of(1, {"1"})));
  REQUIRE(sink->checkpoint());
  CHECK(test::content_of(folder / "out") == "real\n");
  CHECK(test::content_of(folder / "out.simulated") == "1\n");
}

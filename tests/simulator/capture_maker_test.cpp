#include "simulator/capture_maker.hpp"
#include "tests/support/json_view.hpp"

#include <catch2/catch.hpp>

using namespace sluice::sim;
using namespace sluice::test;

namespace {

std::string
make(dialect form, const capture_maker::subject& what, uint32_t bytes = 800) {
  std::string out;
  capture_maker{form, bytes}.append(out, what);
  return out;
}

const capture_maker::subject shoe{"run_1", "rbt_1", "https://shop.example/1",
                                  0};

const auto all_dialects = {dialect::legacy, dialect::array, dialect::v0};

} // namespace

TEST_CASE("a capture is one line of valid JSON with its URL") {
  auto form = GENERATE(values(all_dialects));
  auto capture = make(form, shoe);
  CHECK(capture.find('\n') == capture.npos);
  CHECK(json_view(capture)["url"] == "https://shop.example/1");
}

TEST_CASE("the same capture always has the same bytes") {
  auto form = GENERATE(values(all_dialects));
  CHECK(make(form, shoe) == make(form, shoe));
}

TEST_CASE("a capture of another run, URL or index is different") {
  auto form = GENERATE(values(all_dialects));
  CHECK(make(form, shoe) != make(form, {"run_2", "rbt_1", shoe.url, 0}));
  CHECK(make(form, shoe) != make(form, {"run_1", "rbt_1", "https://b/", 0}));
  CHECK(make(form, shoe) != make(form, {"run_1", "rbt_1", shoe.url, 1}));
}

TEST_CASE(
  "a capture contains values that a double or a careless writer would change") {
  auto form = GENERATE(values(all_dialects));
  auto capture = make(form, shoe);
  auto part = GENERATE(as<std::string>{}, "12.340", "1152921504606846977",
                       "0.1000000000000000055", "-0.0", "4.5e+00", "\\u00e9",
                       "\\ud83d\\ude00", "\\/", "👟");
  CHECK(capture.find(part) != capture.npos);
}

TEST_CASE("each dialect has its own members") {
  auto legacy = json_view(make(dialect::legacy, shoe));
  CHECK(legacy["_id"].raw().IsString());
  CHECK(legacy["robotId"] == "rbt_1");
  CHECK(legacy["runId"] == "run_1");
  CHECK(legacy["data"]["title"].raw().IsString());
  auto array = json_view(make(dialect::array, shoe));
  CHECK(array["id"].raw().GetStringLength() == 36);
  CHECK(array["extracted_at"].raw().IsUint64());
  CHECK(array["is_available"].raw().IsBool());
  CHECK(array["variant_count"] == array["variants"].size());
  auto v0 = json_view(make(dialect::v0, shoe));
  CHECK(v0["extracted_at"].raw().IsDouble());
  CHECK(v0["extracted_at"].raw().GetDouble()
        == Approx(array["extracted_at"].raw().GetDouble() / 1000));
  CHECK(v0["available"].raw().IsBool());
  CHECK(v0["sku_count"] == v0["variants"].size());
}

TEST_CASE("a capture is about as long as requested") {
  auto form = GENERATE(values(all_dialects));
  auto bytes = GENERATE(800u, 2'000u, 100'000u);
  CHECK(make(form, shoe, bytes).size() == Approx(bytes).margin(100));
}

TEST_CASE("the URL and the robot are escaped") {
  auto capture = json_view(
    make(dialect::legacy, {"run_1", R"(r"1\)", R"(https://a/"q"\)", 0}));
  CHECK(capture["url"] == R"(https://a/"q"\)");
  CHECK(capture["robotId"] == R"(r"1\)");
}

// row_selector reads captures with known_json_reader.hpp, which must find what
// json_reader.hpp finds, and what a model of the capture has.

#include "tests/core/select/row_fixture.hpp"
#include "tests/support/json_mutations.hpp"
#include "tests/support/row_readings.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace sluice;
using namespace sluice::test;

namespace {

const std::vector<std::string> pointers{
  "",     "/a", "/b",     "/a/a", "/a/b", "/a/0",     "/a/1",     "/b/a/b",
  "/0/a", "/1", "/a/b/0", "/url", "/_id", "/a/a/a/a", "/x~1y/~0", "/0/0/0"};

column_list json_columns() {
  column_list columns;
  for (auto& each : pointers)
    columns.push_back(make_column(column_type::json, {each}));
  return columns;
}

/// Makes JSON with few names, so that pointers lead far and names repeat.
class json_maker {
public:
  explicit json_maker(uint32_t seed) : random_{seed} {}

  std::string value(size_t depth = 0) {
    static const std::vector<std::string> scalars{
      "null",          "true", "12.340", "1e400",        R"("x")",
      R"("\ud83d\n")", "-7",   "\"\"",   "\"\xc3\xa9\"", R"("\u0000")"};
    auto what = below(depth < 5 ? 5 : 2);
    if (what < 2)
      return scalars[below(scalars.size())];
    auto is_array = what == 2;
    std::string out = is_array ? "[" : "{";
    for (size_t i = 0, count = below(5); i < count; ++i) {
      out += i > 0 ? below(2) == 0 ? "," : " ,\n" : "";
      out += (is_array ? "" : name() + ":") + value(depth + 1);
    }
    return out + (is_array ? "]" : "}");
  }

private:
  std::string name() {
    static const std::vector<std::string> names{
      "\"a\"", "\"a\"", "\"b\"",     R"("\u0061")", "\"0\"",
      "\"1\"", "\"c\"", R"("x\/y")", "\"~\""};
    return names[below(names.size())];
  }

  size_t below(size_t end) {
    return std::uniform_int_distribution<size_t>{0, end - 1}(random_);
  }

  std::mt19937 random_;
};

/// The three readings and a selector, on one capture.
struct comparison {
  row_readings readings{pointers};
  row_selector selector{json_columns()};
  size_t captures = 0;
  size_t values = 0;

  void check(const std::string& capture) {
    auto expected = readings.modelled(capture);
    if (readings.exact(capture) != expected)
      FAIL("exactly: " << capture);
    auto quick = readings.quick(capture);
    auto cells = selector.select(capture, {});
    if (!expected)
      return; // anything may be found, or nothing
    ++captures;
    if (quick != expected)
      FAIL("quickly: " << capture);
    check_cells(capture, cells, *expected);
  }

  void check_cells(const std::string& capture, std::span<const cell> cells,
                   const row_readings::values& expected) {
    for (size_t i = 0; i < pointers.size(); ++i) {
      auto& wanted = expected[i];
      auto is_missing = !wanted || *wanted == "null";
      values += is_missing ? 0 : 1;
      if (shown(cells[i]) != (is_missing ? "missing" : "=" + *wanted))
        FAIL(pointers[i] << " of " << capture);
    }
  }
};

} // namespace

TEST_CASE("a row is read the same quickly, exactly and by a model") {
  comparison compared;
  json_maker made{1};
  for (int i = 0; i < 5'000; ++i)
    compared.check(made.value());
  CHECK(compared.captures == 5'000);
  CHECK(compared.values > 5'000);
}

TEST_CASE("a damaged row is read the same if it is still JSON") {
  comparison compared;
  json_maker made{2};
  json_mutations mutations{3};
  for (int i = 0; i < 10'000; ++i)
    compared.check(mutations.of(made.value()));
  CHECK(compared.captures > 500);
  CHECK(compared.captures < 9'500);
}

TEST_CASE("strings end at the same quote wherever they begin") {
  comparison compared;
  auto text = R"(a\\\"b\\\\\"c\u0022\\\\)";
  for (size_t before = 0; before < 40; ++before)
    for (size_t after = 0; after < 20; ++after)
      compared.check(R"({"c":")" + std::string(before, 'x') + text
                     + std::string(after, 'y') + R"(\\","a":{"z":")"
                     + std::string(after, ']') + text + R"("},"b":1})");
  CHECK(compared.captures == 800);
}

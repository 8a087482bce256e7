#include "actors/sinks/dead_letter_log.hpp"
#include "tests/support/sink_sections.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

const sink_context rows{"job", "rows"};

config::section section_with(const std::filesystem::path& file) {
  config::section fields;
  fields.set("dead_letter", file.native());
  return fields;
}

/// Opens a log, writes `captures`, and returns its position.
sink_position position_after(const std::filesystem::path& file,
                             const std::vector<std::string>& captures) {
  dead_letter_log log{rows, file};
  REQUIRE_FALSE(log.open({}));
  for (const auto& capture : captures)
    REQUIRE_FALSE(log.append({capture, dead_letter_code::refused, "no"}));
  position_numbers numbers{{"missing.0", 5}};
  REQUIRE_FALSE(log.checkpoint(numbers));
  REQUIRE_FALSE(log.close());
  return write_position(numbers);
}

} // namespace

TEST_CASE("a dead letter is one line with the capture unchanged",
          "[sinks][dead_letters]") {
  CHECK(dead_letter_line({"{\"price\": 12.340,\n \"n\":1152921504606846977}",
                          422, "answered 422: \"no\"\n"},
                         "hook")
        == R"({"capture":{"price": 12.340, "n":1152921504606846977},)"
           R"("status":422,"message":"answered 422: \"no\"\\x0a",)"
           R"("sink":"hook"})");
}

TEST_CASE("a dead letter of a row has a code and the column if it is known",
          "[sinks][dead_letters]") {
  CHECK(dead_letter_line(
          {"1", dead_letter_code::mismatched, "no number", "a \"b\""}, "rows")
        == R"({"capture":1,"code":"mismatched","column":"a \"b\"",)"
           R"("message":"no number","sink":"rows"})");
  CHECK(dead_letter_line({"1", "23505", "twice"}, "rows")
        == R"({"capture":1,"code":"23505","message":"twice","sink":"rows"})");
}

TEST_CASE("a dead letter log continues with its count and its file",
          "[sinks][dead_letters]") {
  test::temp_folder folder;
  auto file = folder / "dead.jsonl";
  auto committed = position_after(file, {"1", "2"});
  auto numbers = read_position(committed, "rows", {dead_letters_entry});
  REQUIRE(numbers);
  dead_letter_log log{rows, file};
  REQUIRE_FALSE(log.open(*numbers));
  CHECK(log.written() == 2);
  REQUIRE_FALSE(log.append({"3", dead_letter_code::refused, "no"}));
  CHECK(log.written() == 3);
  REQUIRE_FALSE(log.close()); // without a checkpoint
  CHECK(std::filesystem::file_size(file) == number_in(*numbers, "length"));
}

TEST_CASE("a lost dead letter file costs the dead letters and no other number",
          "[sinks][dead_letters]") {
  test::temp_folder folder;
  auto file = folder / "dead.jsonl";
  auto fields = section_with(file);
  auto committed = position_after(file, {"1", "2"});
  CHECK_FALSE(check_kept_dead_letters(rows, fields, committed));
  std::filesystem::remove(file);
  CHECK(code_of(check_kept_dead_letters(rows, fields, committed)) == ec::disk);
  CHECK(give_up_dead_letters(rows, fields, committed, 9)
        == sink_position{"v1 dead_letters=2 given_up=2 missing.0=5"});
}

TEST_CASE("what follows the position of a dead letter file is cut off",
          "[sinks][dead_letters]") {
  test::temp_folder folder;
  auto file = folder / "dead.jsonl";
  auto committed = position_after(file, {"1", "2"});
  auto length = std::filesystem::file_size(file);
  std::filesystem::resize_file(file, length + 10);
  REQUIRE_FALSE(cut_back_dead_letters(rows, section_with(file), committed));
  CHECK(std::filesystem::file_size(file) == length);
}

TEST_CASE("a sink without a dead letter file keeps the count",
          "[sinks][dead_letters]") {
  dead_letter_log log{rows, std::nullopt};
  CHECK_FALSE(log.has_file());
  REQUIRE_FALSE(log.open({{dead_letters_entry, 3}}));
  position_numbers numbers;
  REQUIRE_FALSE(log.checkpoint(numbers));
  CHECK(write_position(numbers) == "v1 dead_letters=3");
  config::section fields;
  fields.set("dead_letter", std::monostate{});
  CHECK_FALSE(check_first_dead_letters(fields));
  CHECK_FALSE(check_kept_dead_letters(rows, fields, write_position(numbers)));
}

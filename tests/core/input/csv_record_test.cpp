#include "core/input/csv_record.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using status = csv_record::status;

namespace {

std::vector<std::string> fields_of(const csv_record& record) {
  std::vector<std::string> out;
  for (auto& field : record.fields)
    out.push_back(field.value());
  return out;
}

} // namespace

TEST_CASE("a CSV record is split into its fields") {
  struct row {
    std::string text;
    std::vector<std::string> fields;
    size_t bytes, breaks;
  };
  for (auto& r : {
         row{"a,b\nnext", {"a", "b"}, 4, 1},
         row{"a,b\r\nnext", {"a", "b"}, 5, 1},
         row{"a,b", {"a", "b"}, 3, 0},
         row{"a,", {"a", ""}, 2, 0},
         row{",\n", {"", ""}, 2, 1},
         row{"\"a,b\",c\n", {"a,b", "c"}, 8, 1},
         row{"\"a\r\nb\",c\r\n", {"a\r\nb", "c"}, 10, 2},
         row{"\"say \"\"hi\"\"\"\n", {"say \"hi\""}, 13, 1},
         row{"\"\",\"\"\"\"\n", {"", "\""}, 8, 1},
         row{"\"a\"", {"a"}, 3, 0},
         row{"\"a\"\r", {"a"}, 4, 0},
         row{"", {""}, 0, 0},
       }) {
    INFO(r.text);
    csv_record record;
    scan_csv_record(r.text, true, ',', record);
    CHECK(record.is == status::complete);
    CHECK(fields_of(record) == r.fields);
    CHECK(record.bytes == r.bytes);
    CHECK(record.breaks == r.breaks);
  }
}

TEST_CASE("a CSV record with a stray or an open quote is ill-formed") {
  struct row {
    const char* text;
    status is;
  };
  for (auto& r : {
         row{"a\"b,c\n", status::broken},
         row{"\"a\"b,c\n", status::broken},
         row{"\"a\" ,c\n", status::broken},
         row{"\"a\"\rb\n", status::broken},
         row{"\"a,c\n", status::unfinished},
         row{"x,\"", status::unfinished},
         row{"\"a\"\"", status::unfinished},
       }) {
    INFO(r.text);
    csv_record record;
    scan_csv_record(r.text, true, ',', record);
    CHECK(record.is == r.is);
  }
}

TEST_CASE("a CSV record is unfinished until all of it is read") {
  const std::string whole = "a,\"b \"\"c\"\"\r\nd\",\"e\"\r\n";
  for (size_t cut = 0; cut < whole.size(); ++cut) {
    CAPTURE(cut);
    csv_record record;
    scan_csv_record(whole.substr(0, cut), false, ',', record);
    CHECK(record.is == status::unfinished);
  }
}

// A capture as a row: its values, their types and their texts.

#include "core/base/utf8.hpp"
#include "core/select/json_time.hpp"
#include "core/select/row_selector.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/support/row_readings.hpp"

#include <algorithm>

using namespace sluice;
using fuzz::must;

namespace {

const std::vector<std::string> pointers{
  "",       "/a",   "/b",   "/a/b",        "/a/0",
  "/a/b/a", "/0/a", "/url", "/data/price", "/a~1b"};

column_list columns() {
  column_list result;
  for (auto& [word, type] : column_type_words) {
    for (auto& each : pointers)
      result.push_back({.name = each, .from = {each}, .type = type});
    if (type == column_type::time)
      for (auto& [unit_word, unit] : time_unit_words)
        result.push_back({.name = std::string{unit_word},
                          .from = {"/a", "/b", ""},
                          .type = type,
                          .unit = unit});
  }
  return result;
}

void check_text(const cell& found) {
  std::string scratch;
  text_losses losses;
  auto text = cell_text(found, scratch, losses);
  must(losses.has_nul == (text.find('\0') != text.npos));
  must(found.escaped || text.size() <= 3 * found.text.size());
  while (!text.empty()) {
    auto size = utf8_sequence(text);
    must(size > 0);
    text.remove_prefix(size);
  }
}

void check_type(const column& wanted, const cell& found, bool is_json) {
  std::string scratch;
  auto text = found.text;
  must(text.size() <= max_column_value);
  switch (wanted.type) {
    case column_type::text:
      return is_json ? check_text(found) : void();
    case column_type::integer:
      return must(text.find_first_not_of("-0123456789") == text.npos);
    case column_type::number:
      return must(text.find_first_not_of("-+.eE0123456789") == text.npos);
    case column_type::boolean:
      return must(text == "true" || text == "false");
    case column_type::time:
      return must(time_of_text(text, scratch) == text);
    case column_type::json:
      return must(!is_json || test::json_model::of(text).has_value());
  }
}

/// A capture is read by a reader that trusts it to be JSON. If it is, that
/// reader must find what the exact one and a model find. Returns whether it is.
bool compare(std::string_view capture) {
  test::row_readings readings{pointers};
  auto expected = readings.modelled(capture);
  must(readings.exact(capture) == expected);
  auto quick = readings.quick(capture);
  must(!expected || quick == expected);
  return expected.has_value();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static row_selector selector{columns()};
  fuzz::input in{data, size};
  auto capture = in.rest();
  auto is_json = compare(capture);
  auto cells = selector.select(capture, {});
  for (size_t i = 0; i < cells.size(); ++i) {
    must(cells[i].is_null() == (cells[i].state != cell_state::value));
    if (!cells[i].is_null())
      check_type(selector.columns()[i], cells[i], is_json);
  }
  return 0;
}

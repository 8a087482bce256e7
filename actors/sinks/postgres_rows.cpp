#include "actors/sinks/postgres_rows.hpp"

#include "actors/sinks/dead_letter_log.hpp"
#include "actors/sinks/page_values.hpp"
#include "core/base/ascii.hpp"

#include <algorithm>

namespace sluice {

namespace {

using form = postgres_options::capture_form;

constexpr std::string_view null = "\\N";

// The states that PostgreSQL has for these.
constexpr const char* nul_in_text = "22021";
constexpr const char* nul_in_jsonb = "22P05";
constexpr const char* null_in_key = "23502";

constexpr size_t most_digits = 1'000; // as many as numeric can be declared with
// What numeric has before and after the point.
constexpr int most_exponent = 131'071;
constexpr int least_exponent = -16'383;

bool is_number(column_type type) {
  return type == column_type::number || type == column_type::integer;
}

} // namespace

void append_copy_text(std::string& out, std::string_view value) {
  for (;;) {
    auto plain = std::min(value.find_first_of("\\\n\r\t"), value.size());
    out += value.substr(0, plain);
    if (plain == value.size())
      return;
    switch (value[plain]) {
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += "\\\\";
    }
    value.remove_prefix(plain + 1);
  }
}

void append_copy_bytes(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\\\x";
  for (auto c : bytes) {
    auto byte = static_cast<uint8_t>(c);
    out += digits[byte >> 4];
    out += digits[byte & 0xF];
  }
}

bool has_nul_escape(std::string_view json) {
  constexpr std::string_view escape = "u0000";
  for (auto at = json.find('\\'); at < json.size(); at = json.find('\\', at)) {
    if (json.substr(at + 1).starts_with(escape))
      return true;
    at += 2; // the escaped character may be a backslash
  }
  return false;
}

bool fits_numeric(std::string_view number) {
  auto end = std::min(number.find_first_of("eE"), number.size());
  auto digits = std::count_if(number.begin(), number.begin() + end, is_digit);
  if (static_cast<size_t>(digits) > most_digits)
    return false;
  if (end == number.size())
    return true;
  auto text = number.substr(end + 1);
  if (text.starts_with('+'))
    text.remove_prefix(1);
  auto exponent = read_number<int>(text);
  return exponent && *exponent <= most_exponent && *exponent >= least_exponent;
}

row_maker::row_maker(sink_context context, const postgres_options& options)
    : context_{std::move(context)},
      capture_as_{options.capture_as},
      key_{options.key},
      selector_{options.columns} {
  append_copy_text(job_, context_.job_id);
}

caf::expected<page_rows> row_maker::make(const capture_page& page) {
  page_rows out;
  out.counts = row_counts_in({}, selector_.columns().size());
  page_values own{page, context_.job_id};
  for (size_t place = 0; place < page.captures.size(); ++place) {
    auto cells = selector_.select(page.bytes(page.captures[place]), own.get());
    auto gap = count_gaps(selector_.columns(), cells, out.counts);
    if (gap && gap->rule == gap_rule::stop)
      return stopped_by_gap("Sink '" + printable(context_.name) + "'", *gap,
                            page);
    if (gap)
      out.refused.push_back({place, std::string{code_of_gap(*gap)},
                             text_of_gap(*gap), gap->of->name});
    else if (const auto* empty = empty_key(cells))
      out.refused.push_back(
        {place, null_in_key,
         "the key column '" + printable(empty->name) + "' has no value",
         empty->name});
    else
      add_row(out, page, place, cells);
  }
  return out;
}

/// A null is equal to no other null, so each would be a row of its own.
const column* row_maker::empty_key(std::span<const cell> cells) const {
  const auto& columns = selector_.columns();
  for (size_t i = 0; i < columns.size(); ++i)
    if (cells[i].is_null()
        && std::find(key_.begin(), key_.end(), columns[i].name) != key_.end())
      return &columns[i];
  return nullptr;
}

void row_maker::add_row(page_rows& out, const capture_page& page, size_t place,
                        std::span<const cell> cells) {
  auto begin = out.data.size();
  auto refuse = [&](const char* code, std::string why, std::string column) {
    out.data.resize(begin);
    out.refused.push_back({place, code, std::move(why), std::move(column)});
  };
  for (size_t i = 0; i < cells.size(); ++i) {
    if (auto why = add_cell(out, i, cells[i]))
      return refuse(why->code, why->message, selector_.columns()[i].name);
    out.data += '\t';
  }
  auto capture = page.bytes(page.captures[place]);
  if (capture_as_ == form::jsonb && has_nul_escape(capture))
    return refuse(nul_in_jsonb,
                  "a text contains U+0000, which jsonb cannot hold", {});
  add_capture(out, capture);
  out.data += job_ + '\t' + std::to_string(page.delivery);
  if (!key_.empty())
    out.data += '\t' + std::to_string(place);
  out.data += '\n';
  out.ends.push_back(out.data.size());
  out.captures.push_back(place);
}

std::optional<row_maker::obstacle>
row_maker::add_cell(page_rows& out, size_t column, const cell& of) {
  if (of.is_null()) {
    out.data += null;
    return {};
  }
  auto type = selector_.columns()[column].type;
  if (is_number(type) && !fits_numeric(of.text))
    return obstacle{dead_letter_code::refused.data(),
                    "the number is beyond what PostgreSQL can hold, or has "
                    "more than 1,000 digits"};
  if (type != column_type::text) {
    append_copy_text(out.data, of.text);
    return {};
  }
  text_losses losses;
  auto text = cell_text(of, scratch_, losses);
  if (losses.has_nul)
    return obstacle{nul_in_text,
                    "the text contains U+0000, which PostgreSQL cannot hold"};
  out.counts.columns[column].replaced += losses.replaced > 0 ? 1 : 0;
  append_copy_text(out.data, text);
  return {};
}

void row_maker::add_capture(page_rows& out, std::string_view capture) const {
  if (capture_as_ == form::none)
    return;
  if (capture_as_ == form::bytea)
    append_copy_bytes(out.data, capture);
  else
    append_copy_text(out.data, capture);
  out.data += '\t';
}

} // namespace sluice

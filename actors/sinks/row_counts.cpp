#include "actors/sinks/row_counts.hpp"

#include "actors/sinks/dead_letter_log.hpp"

#include <algorithm>

namespace sluice {

namespace {

struct named_count {
  const char* name; ///< before the number of the column
  uint64_t column_counts::*count;
};

constexpr named_count named_counts[] = {
  {"missing.", &column_counts::missing},
  {"mismatched.", &column_counts::mismatched},
  {"replaced.", &column_counts::replaced}};

std::string in_run(const capture_page& page) {
  auto run =
    page.run_id.empty() ? "" : " of run '" + printable(page.run_id) + "'";
  return " in a capture" + run;
}

} // namespace

row_counts row_counts_in(const position_numbers& numbers, size_t columns) {
  row_counts counts{number_in(numbers, rows_entry),
                    std::vector<column_counts>(columns)};
  for (size_t i = 0; i < columns; ++i)
    for (const auto& [name, count] : named_counts)
      counts.columns[i].*count = number_in(numbers, name + std::to_string(i));
  return counts;
}

void put_row_counts(position_numbers& numbers, const row_counts& counts) {
  numbers[rows_entry] = counts.rows;
  for (size_t i = 0; i < counts.columns.size(); ++i)
    for (const auto& [name, count] : named_counts)
      if (auto number = counts.columns[i].*count; number > 0)
        numbers[name + std::to_string(i)] = number;
}

void add_row_counts(row_counts& sum, const row_counts& more) {
  sum.rows += more.rows;
  for (size_t i = 0; i < sum.columns.size(); ++i)
    for (const auto& [name, count] : named_counts)
      sum.columns[i].*count += more.columns[i].*count;
}

caf::expected<committed_rows>
committed_rows_in(const config::section& fields,
                  const sink_position& committed) {
  auto numbers = read_position(committed, {}, {dead_letters_entry});
  if (!numbers)
    return numbers.error();
  committed_rows result;
  if (fields.has("columns"))
    for (const auto& one : fields.get<column_list>("columns"))
      result.columns.push_back(one.name);
  result.counts = row_counts_in(*numbers, result.columns.size());
  result.dead_letters = numbers->at(dead_letters_entry);
  return result;
}

std::optional<row_gap> count_gaps(const column_list& columns,
                                  std::span<const cell> row,
                                  row_counts& counts) {
  std::optional<row_gap> worst;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!row[i].is_null())
      continue;
    auto is_missing = row[i].state == cell_state::missing;
    auto& of = counts.columns[i];
    ++(is_missing ? of.missing : of.mismatched);
    auto rule = is_missing ? columns[i].on_missing : columns[i].on_mismatch;
    auto is_worse = rule == gap_rule::stop && (!worst || worst->rule != rule);
    if (is_worse || (rule == gap_rule::dead_letter && !worst))
      worst = row_gap{&columns[i], row[i].state, rule};
  }
  return worst;
}

std::string_view code_of_gap(const row_gap& gap) {
  return gap.state == cell_state::missing ? dead_letter_code::missing
                                          : dead_letter_code::mismatched;
}

std::string text_of_gap(const row_gap& gap) {
  auto name = "the column '" + printable(gap.of->name) + "'";
  return gap.state == cell_state::missing
           ? name + " has no value"
           : name + " has a value of another type than "
               + std::string{word_of(column_type_words, gap.of->type)};
}

caf::error stopped_by_gap(const std::string& title, const row_gap& gap,
                          const capture_page& page) {
  auto key = gap.state == cell_state::missing ? "on_missing" : "on_mismatch";
  return make_error(
    ec::refused, title + ": " + text_of_gap(gap) + in_run(page) + ", and its '"
                   + key
                   + "' is stop. Nothing is lost: choose null or dead_letter "
                     "there, then run the same command again.");
}

caf::error refused_row(const std::string& title, const std::string& reason,
                       const capture_page& page) {
  return make_error(ec::refused,
                    title + " refuses a row" + in_run(page) + ": " + reason
                      + ". Set 'dead_letter' to put such captures aside, or "
                        "correct the table; then run the same command again.");
}

bool makes_dead_letters(const column_list& columns) {
  return std::any_of(columns.begin(), columns.end(), [](const column& each) {
    return each.on_missing == gap_rule::dead_letter
           || each.on_mismatch == gap_rule::dead_letter;
  });
}

} // namespace sluice

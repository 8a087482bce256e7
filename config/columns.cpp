#include "config/columns.hpp"

#include "core/base/ascii.hpp"
#include "core/base/error.hpp"

#include <utility>

namespace sluice::config {

namespace {

constexpr size_t longest_name = 63; // bytes, of PostgreSQL's identifiers

field gap_field(std::string name, std::string help) {
  return {.name = std::move(name),
          .kind = field_kind::choice,
          .help = std::move(help)
                  + " null: the column is null there, and that is counted; "
                    "dead_letter: the capture goes to the dead letter file; "
                    "stop: the job stops.",
          .default_value = default_word(gap_rule_words, gap_rule::null),
          .choices = words_in(gap_rule_words)};
}

field make_keys() {
  using enum field_kind;
  return {
    .name = "columns",
    .kind = section,
    .children = {
      {.name = "name",
       .help = "The column's name, of at most 63 bytes. Two columns of a sink "
               "need names that differ in more than the case of letters.",
       .required = true,
       .max = longest_name,
       .example = "price"},
      {.name = "from",
       .kind = pointers,
       .help = "Where the value is in the capture. Of several JSON Pointers, "
               "the first that leads to a value of the type counts; the empty "
               "one is the whole capture. Or what sluice knows: the run's id, "
               "its robot, the number of the batch, the number of the "
               "delivery and its time, the job's id.",
       .required = true,
       .choices = words_in(own_value_words),
       .example = "/data/price"},
      {.name = "type",
       .kind = choice,
       .help = "What the value is. Nothing is converted: a number keeps its "
               "digits. A text is a string or a number, a time is a string in "
               "RFC 3339 or a number with a unit, json is any value as it "
               "stands.",
       .default_value = default_word(column_type_words, column{}.type),
       .choices = words_in(column_type_words)},
      {.name = "unit",
       .kind = choice,
       .help = "What a number in a column of type time counts, from the "
               "beginning of 1970 in UTC. Without it, a number is not a time.",
       .choices = words_in(time_unit_words),
       .example = default_word(time_unit_words, time_unit::milliseconds)},
      {.name = "required",
       .kind = boolean,
       .help = "true stands for on_missing: stop.",
       .default_value = "false"},
      gap_field("on_missing", "What happens to a capture without the value, or "
                              "with null."),
      gap_field("on_mismatch", "What happens to a capture whose value is of "
                               "another type or has more than 1 MiB."),
    }};
}

column_type type_of(own_value own) {
  switch (own) {
    case own_value::batch:
    case own_value::delivery:
      return column_type::integer;
    case own_value::delivered_at:
      return column_type::time;
    default:
      return column_type::text;
  }
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (char c : text)
    out += (c == '"' || c == '\\' ? "\\" : "") + std::string{c};
  return out + "\"";
}

} // namespace

const field& column_keys() {
  static const auto keys = make_keys();
  return keys;
}

void column_reader::add(const node& from, const section& keys,
                        const std::string& path) {
  column made;
  auto is_complete = keys.has("name") && keys.has("from");
  if (keys.has("name")) {
    made.name = keys.text("name");
    check_name(from, made, path);
  }
  if (keys.has("from"))
    set_source(from, keys, made, path);
  set_type(from, keys, made, path);
  set_rules(from, keys, made, path);
  if (is_complete)
    columns_.push_back(std::move(made));
}

void column_reader::check_name(const node& from, const column& made,
                               const std::string& path) {
  if (made.name.size() > longest_name)
    refuse(from, "name", path,
           " has " + std::to_string(made.name.size())
             + " bytes: write a name of at most "
             + std::to_string(longest_name));
  auto [first, is_new] = names_.emplace(lower_case(made.name), path);
  if (!is_new)
    refuse(from, "name", path,
           " is \"" + printable(made.name, longest_name) + "\", which "
             + first->second
             + " has already, capitals aside: write a different name");
}

/// Own values have a type each.
void column_reader::set_source(const node& from, const section& keys,
                               column& made, const std::string& path) {
  made.from = keys.get<std::vector<std::string>>("from");
  for (auto& each : made.from)
    if (auto own = value_of(own_value_words, each))
      made.own = own;
  if (!made.own)
    return;
  if (made.from.size() > 1)
    refuse(from, "from", path,
           " has " + std::string{word_of(own_value_words, *made.own)}
             + " in a list: write it alone, in a column of its own");
  made.from.clear();
  if (from.find("type") != nullptr)
    refuse(from, "type", path,
           " is given for " + std::string{word_of(own_value_words, *made.own)}
             + ", which is always "
             + std::string{word_of(column_type_words, type_of(*made.own))}
             + ": leave it out");
}

void column_reader::set_type(const node& from, const section& keys,
                             column& made, const std::string& path) {
  made.type = keys.choice("type", column_type_words);
  auto has_numbers = made.type == column_type::time && !made.own;
  if (made.own)
    made.type = type_of(*made.own);
  if (!keys.has("unit"))
    return;
  made.unit = keys.choice("unit", time_unit_words);
  if (!has_numbers)
    refuse(from, "unit", path,
           " is only for a value of the capture with type: time: leave it out");
}

void column_reader::set_rules(const node& from, const section& keys,
                              column& made, const std::string& path) {
  made.on_missing = keys.choice("on_missing", gap_rule_words);
  made.on_mismatch = keys.choice("on_mismatch", gap_rule_words);
  if (!keys.get<bool>("required"))
    return;
  if (from.find("on_missing") != nullptr && made.on_missing != gap_rule::stop)
    refuse(from, "required", path,
           ": true is on_missing: stop, but on_missing is "
             + std::string{word_of(gap_rule_words, made.on_missing)}
             + ": leave one of them out");
  made.on_missing = gap_rule::stop;
}

void column_reader::refuse(const node& from, std::string_view key,
                           const std::string& path, const std::string& rest) {
  findings_.add(from.place_of(key), path + "." + std::string{key} + rest);
}

std::string canonical_text(const column_list& columns) {
  std::string out;
  for (auto& each : columns) {
    out += json_string(each.name);
    if (each.own)
      out += " " + std::string{word_of(own_value_words, *each.own)};
    for (auto& pointer : each.from)
      out += " " + json_string(pointer);
    out += " " + std::string{word_of(column_type_words, each.type)};
    if (each.unit)
      out += " " + std::string{word_of(time_unit_words, *each.unit)};
    out += "\n";
  }
  return out;
}

} // namespace sluice::config

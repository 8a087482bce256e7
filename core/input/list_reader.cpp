#include "core/input/list_reader.hpp"

#include "core/input/csv_reader.hpp"
#include "core/input/json_array_reader.hpp"
#include "core/input/jsonl_reader.hpp"
#include "core/input/text_reader.hpp"

#include <algorithm>

namespace sluice {

namespace {

constexpr size_t longest_line = 64 * 1024;

class lines_reader : public list_reader {
public:
  explicit lines_reader(text_reader text) : text_{std::move(text)} {}

  caf::expected<bool> next(list_record& record) override {
    for (;;) {
      text_line line;
      auto more = text_.next_line(line);
      if (!more || !*more)
        return more;
      if (line.text.starts_with('#'))
        continue;
      record.text = line.text;
      record.line = line.number;
      record.defect = line.too_long ? "longer than 8 KiB" : "";
      return true;
    }
  }

  [[nodiscard]] std::string form() const override { return "one URL per line"; }

private:
  text_reader text_;
};

bool has_extension(std::string_view name, std::string_view extension) {
  auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  return name.size() >= extension.size()
         && std::equal(extension.begin(), extension.end(),
                       name.end() - static_cast<ptrdiff_t>(extension.size()),
                       same);
}

bool is_tsv(std::string_view name) {
  return has_extension(without_compression(name), ".tsv");
}

/// The extension .tsv implies tabs, unless the job sets a delimiter.
list_delimiter delimiter_of(std::string_view name, list_delimiter wanted) {
  return wanted == list_delimiter::automatic && is_tsv(name)
           ? list_delimiter::tab
           : wanted;
}

/// How `reading_of` describes a delimiter.
const char* delimiter_part(list_delimiter delimiter) {
  switch (delimiter) {
    case list_delimiter::comma:
      return ", commas";
    case list_delimiter::semicolon:
      return ", semicolons";
    case list_delimiter::tab:
      return ", tabs";
    default:
      return "";
  }
}

list_format format_of(std::string_view name, list_format wanted) {
  if (wanted != list_format::automatic)
    return wanted;
  name = without_compression(name);
  if (has_extension(name, ".csv") || is_tsv(name))
    return list_format::csv;
  if (has_extension(name, ".jsonl") || has_extension(name, ".ndjson"))
    return list_format::jsonl;
  if (has_extension(name, ".json"))
    return list_format::json;
  return list_format::lines;
}

caf::expected<std::unique_ptr<list_reader>>
open_json(text_reader text, list_format format, const std::string& name) {
  auto field = json_field::create(name);
  if (!field)
    return field.error();
  return format == list_format::json
           ? make_json_array_reader(std::move(text), std::move(*field))
           : make_jsonl_reader(std::move(text), std::move(*field));
}

} // namespace

caf::expected<std::unique_ptr<list_reader>>
open_list_reader(const std::string& name, const input_options& options,
                 read_monitor& monitor) {
  auto bytes = open_list(name, monitor);
  if (!bytes)
    return bytes.error();
  auto format = format_of(name, options.format);
  switch (format) {
    case list_format::csv:
      return make_csv_reader(
        text_reader{name, std::move(*bytes), longest_csv_record, monitor},
        delimiter_of(name, options.delimiter), options.field);
    case list_format::jsonl:
    case list_format::json:
      return open_json(
        text_reader{name, std::move(*bytes), longest_json_record, monitor},
        format, options.field);
    default:
      return std::unique_ptr<list_reader>{std::make_unique<lines_reader>(
        text_reader{name, std::move(*bytes), longest_line, monitor})};
  }
}

std::string reading_of(const std::string& name, const input_options& options) {
  auto text = [&]() -> std::string {
    switch (format_of(name, options.format)) {
      case list_format::csv:
        return "csv, column '" + options.field + "'"
               + delimiter_part(delimiter_of(name, options.delimiter));
      case list_format::jsonl:
        return "jsonl, member '" + options.field + "'";
      case list_format::json:
        return "json, member '" + options.field + "'";
      default:
        return "lines";
    }
  }();
  return options.deduplicate ? text : text + ", duplicates kept";
}

} // namespace sluice

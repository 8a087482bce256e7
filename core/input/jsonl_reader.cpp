#include "core/input/jsonl_reader.hpp"

#include <utility>

namespace sluice {

namespace {

class jsonl_reader : public list_reader {
public:
  jsonl_reader(text_reader text, json_field field)
      : text_{std::move(text)}, field_{std::move(field)} {}

  caf::expected<bool> next(list_record& record) override {
    text_line line;
    do {
      auto more = text_.next_line(line);
      if (!more || !*more)
        return more;
    } while (line.text.starts_with('#'));
    record.line = line.number;
    record.text = line.text;
    record.defect =
      line.too_long ? "longer than 1 MiB" : field_.find(line.text);
    if (record.defect.empty())
      record.text = without_blanks(field_.value());
    return true;
  }

  [[nodiscard]] std::string form() const override {
    return "JSON Lines, URL in " + printable(field_.name(), 60);
  }

private:
  text_reader text_;
  json_field field_;
};

} // namespace

std::unique_ptr<list_reader>
make_jsonl_reader(text_reader text, json_field field) {
  return std::make_unique<jsonl_reader>(std::move(text), std::move(field));
}

} // namespace sluice

#include "core/input/csv_reader.hpp"

#include "core/base/url.hpp"
#include "core/input/csv_layout.hpp"
#include "core/input/csv_record.hpp"

namespace sluice {

namespace {

using status = csv_record::status;

class csv_reader : public list_reader {
public:
  explicit csv_reader(text_reader text) : text_{std::move(text)} {}

  caf::error find_layout(list_delimiter delimiter, const std::string& field) {
    while (text_.view().size() <= longest_csv_record && !text_.ended())
      if (auto err = text_.read_more())
        return err;
    auto found =
      find_csv_layout({text_.view(), text_.ended()}, delimiter, field);
    if (!found)
      return make_error(code_of(found.error()), printable(text_.name()) + ":1: "
                                                  + what_of(found.error()));
    layout_ = std::move(*found);
    return layout_.has_header ? skip_header() : caf::none;
  }

  caf::expected<bool> next(list_record& record) override {
    auto found = next_row(record);
    if (!found || !*found || !record.defect.empty())
      return found;
    if (layout_.column >= row_.fields.size()) {
      defect_ = "has " + std::to_string(row_.fields.size())
                + " fields, but the URL is in field "
                + std::to_string(layout_.column + 1);
      record.defect = defect_;
      return true;
    }
    value_ = row_.fields[layout_.column].value();
    record.text = without_blanks(value_);
    if (record.text.empty())
      record.defect = "the URL column is empty";
    else if (auto defect = separator_defect(layout_, row_))
      record.defect = defect;
    return true;
  }

  [[nodiscard]] std::string form() const override { return layout_.text(); }

private:
  caf::error skip_header() {
    list_record header;
    auto found = next_row(header);
    if (!found)
      return found.error();
    if (header.defect.empty())
      return {};
    return make_error(ec::input, printable(text_.name())
                                   + ":1: the CSV header row is broken: "
                                   + std::string{header.defect});
  }

  /// Finds the next row that is not blank: its fields, or its defect.
  caf::expected<bool> next_row(list_record& record) {
    for (;;) {
      record.line = text_.line();
      if (auto err = scan())
        return err;
      auto row = text_.view().substr(0, row_.bytes);
      if (row_.is != status::complete || row.size() > longest_csv_record)
        return broken_row(record);
      text_.consume(row_.bytes, row_.breaks);
      if (row.empty())
        return false;
      record.text = row.substr(0, max_url_bytes);
      record.defect = {};
      if (row_.fields.size() > 1 || !without_blanks(row_.fields[0].text).empty()
          || row.starts_with('"'))
        return true;
    }
  }

  /// Scans the row at the front of the view, reading as much as needed.
  caf::error scan() {
    for (;;) {
      scan_csv_record(text_.view(), text_.ended(), layout_.separator, row_);
      if (row_.is != status::unfinished || text_.ended()
          || text_.view().size() > longest_csv_record)
        return caf::none;
      if (auto err = text_.read_more())
        return err;
    }
  }

  caf::expected<bool> broken_row(list_record& record) {
    record.defect = row_.is == status::broken ? "a quote inside a field"
                    : text_.view().size() > longest_csv_record
                      ? "longer than 64 KiB, or a quote is not closed"
                      : "a quote is not closed";
    if (auto err = text_.skip_line())
      return err;
    record.text = without_blanks(text_.prefix());
    return true;
  }

  text_reader text_;
  csv_record row_;
  csv_layout layout_;
  std::string value_;
  std::string defect_;
};

} // namespace

caf::expected<std::unique_ptr<list_reader>>
make_csv_reader(text_reader text, list_delimiter delimiter,
                const std::string& field) {
  auto reader = std::make_unique<csv_reader>(std::move(text));
  if (auto err = reader->find_layout(delimiter, field))
    return err;
  return std::unique_ptr<list_reader>{std::move(reader)};
}

} // namespace sluice

#include "core/csv_reader.hpp"

#include "core/csv_record.hpp"
#include "core/url.hpp"

namespace sluice {

namespace {

using status = csv_record::status;

class csv_reader : public list_reader {
public:
  explicit csv_reader(text_reader text) : text_{std::move(text)} {}

  caf::error read_header(const std::string& column) {
    list_record header;
    auto found = next_row(header);
    if (!found)
      return found.error();
    if (!*found || !header.defect.empty())
      return no_header(header);
    for (; column_ < row_.fields.size(); ++column_)
      if (without_blanks(row_.fields[column_].value()) == column)
        return caf::none;
    return no_column(column);
  }

  caf::expected<bool> next(list_record& record) override {
    auto found = next_row(record);
    if (!found || !*found || !record.defect.empty())
      return found;
    if (column_ >= row_.fields.size()) {
      defect_ = "has " + std::to_string(row_.fields.size())
                + " fields, the URL is in field " + std::to_string(column_ + 1);
      record.defect = defect_;
      return true;
    }
    value_ = row_.fields[column_].value();
    record.text = without_blanks(value_);
    record.defect = record.text.empty() ? "the URL's column is empty" : "";
    return true;
  }

private:
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

  /// Scans the row at the view's front, reading as much as it takes.
  caf::error scan() {
    for (;;) {
      scan_csv_record(text_.view(), text_.ended(), row_);
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

  caf::error no_header(const list_record& header) const {
    auto why = header.defect.empty()
                 ? "is empty"
                 : "is broken: " + std::string{header.defect};
    return make_error(ec::input,
                      printable(text_.name()) + ":1: the CSV header row " + why
                        + "; begin the list with a row of column names");
  }

  caf::error no_column(const std::string& column) const {
    constexpr size_t most = 20;
    std::string names;
    for (size_t i = 0; i < row_.fields.size() && i < most; ++i)
      names += (i > 0 ? ", " : "")
               + printable(without_blanks(row_.fields[i].value()), 60);
    if (row_.fields.size() > most)
      names += ", …";
    return make_error(ec::input, printable(text_.name()) + ":1: no column \""
                                   + printable(column) + "\"; the columns are "
                                   + names
                                   + "; name the URL's under input.field");
  }

  text_reader text_;
  csv_record row_;
  size_t column_ = 0;
  std::string value_;
  std::string defect_;
};

} // namespace

caf::expected<std::unique_ptr<list_reader>>
make_csv_reader(text_reader text, const std::string& column) {
  auto reader = std::make_unique<csv_reader>(std::move(text));
  if (auto err = reader->read_header(column))
    return err;
  return std::unique_ptr<list_reader>{std::move(reader)};
}

} // namespace sluice

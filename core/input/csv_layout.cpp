#include "core/input/csv_layout.hpp"

#include "core/base/ascii.hpp"
#include "core/base/url.hpp"
#include "core/input/text_reader.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace sluice {

namespace {

using status = csv_record::status;

/// How many rows are examined.
constexpr size_t sample_rows = 100;

struct separator_words {
  list_delimiter delimiter;
  char separator;
  const char* plural; ///< as used in a sentence
};

constexpr std::array<separator_words, 3> separators{
  {{list_delimiter::comma, ',', "commas"},
   {list_delimiter::semicolon, ';', "semicolons"},
   {list_delimiter::tab, '\t', "tabs"}}};

const separator_words& separator_named(char separator) {
  return *std::find_if(separators.begin(), separators.end(),
                       [&](auto& s) { return s.separator == separator; });
}

std::string setting_of(const separator_words& by) {
  return "`input.delimiter: "
         + std::string{word_of(list_delimiter_words, by.delimiter)} + "`";
}

caf::error refused(std::string what) {
  return make_error(ec::input, std::move(what));
}

struct cell {
  std::string text;
  bool is_quoted;
};

using row = std::vector<cell>;

bool is_url(const cell& value) {
  return url_defect(value.text) == nullptr;
}

/// The first rows, as split by one separator.
struct split {
  const separator_words* by;
  std::string_view defect; ///< of the first row
  std::vector<row> rows;

  [[nodiscard]] const row& first() const { return rows.front(); }
};

row row_of(const csv_record& record) {
  row out;
  for (auto& field : record.fields)
    out.push_back(
      {std::string{without_blanks(field.value())}, field.is_quoted});
  return out;
}

bool is_blank(const row& cells) {
  return cells.size() == 1 && cells[0].text.empty() && !cells[0].is_quoted;
}

std::string_view defect_of(const csv_record& record, bool is_all) {
  if (record.is == status::broken)
    return "a quote inside a field";
  return is_all ? "a quote is not closed"
                : "longer than 64 KiB, or a quote is not closed";
}

split split_by(const separator_words& by, csv_sample sample) {
  split out{&by, {}, {}};
  auto text = sample.text;
  csv_record record;
  while (!text.empty() && out.rows.size() < sample_rows) {
    scan_csv_record(text, sample.is_all, by.separator, record);
    if (record.is != status::complete && out.rows.empty()) {
      out.defect = defect_of(record, sample.is_all);
      return out;
    }
    if (record.is == status::unfinished)
      return out;
    if (record.is == status::broken) {
      text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
      continue;
    }
    if (auto cells = row_of(record); !is_blank(cells))
      out.rows.push_back(std::move(cells));
    text.remove_prefix(record.bytes);
  }
  return out;
}

// -- by name ------------------------------------------------------------------

/// Possible separators, including one that is not supported.
constexpr std::string_view all_separators = ",;\t|";

/// True if the cell holds several names joined by another separator.
bool is_several(const cell& name, char separator) {
  auto holds = [&](char other) {
    return other != separator && name.text.find(other) != std::string::npos;
  };
  return !name.is_quoted
         && std::any_of(all_separators.begin(), all_separators.end(), holds);
}

/// The columns that `field` may mean: the first one with exactly that name,
/// else all that differ only in case.
std::vector<size_t>
columns_named(const split& attempt, const std::string& field) {
  std::vector<size_t> similar;
  if (attempt.rows.empty())
    return similar;
  for (size_t i = 0; i < attempt.first().size(); ++i) {
    auto& name = attempt.first()[i];
    if (is_several(name, attempt.by->separator))
      continue;
    if (name.text == field)
      return {i};
    if (lower_case(name.text) == lower_case(field))
      similar.push_back(i);
  }
  return similar;
}

/// The names of some columns, for a message.
template <class Columns>
std::string names_of(const row& header, const Columns& columns) {
  constexpr size_t most = 20;
  std::string out;
  for (size_t i = 0; i < columns.size() && i < most; ++i)
    out += (i > 0 ? ", " : "") + printable(header[columns[i]].text, 60);
  return columns.size() > most ? out + ", …" : out;
}

caf::error wrong_delimiter(const separator_words& right) {
  return refused(std::string{"the header row is separated by "} + right.plural
                 + "; write " + setting_of(right));
}

caf::error no_header(std::string_view defect) {
  auto why = defect.empty() ? "is empty" : "is broken: " + std::string{defect};
  return refused("the CSV header row " + why
                 + "; begin the list with a row of column names");
}

/// The error if the column is not found with any separator, or with the one
/// given.
caf::error no_column(const split& attempt, const std::string& field) {
  auto& header = attempt.first();
  if (header.size() == 1 && is_several(header[0], attempt.by->separator))
    return refused("the header row " + printable(header[0].text, 60)
                   + " has no supported separator; write the list with "
                     "commas, semicolons or tabs, and set input.delimiter");
  auto url = std::find_if(header.begin(), header.end(), is_url);
  if (url != header.end()) {
    auto number = std::to_string(url - header.begin() + 1);
    return refused("the first row is not a header: column " + number
                   + " holds a URL; write `input.field: " + number
                   + "` for a list without a header");
  }
  std::vector<size_t> all(header.size());
  for (size_t i = 0; i < all.size(); ++i)
    all[i] = i;
  return refused("no column \"" + printable(field) + "\"; the columns are "
                 + names_of(header, all)
                 + "; set input.field to the one with the URL");
}

// -- rows with a different separator ------------------------------------------

/// True if the row goes on after the URL in `column`. A semicolon followed by a
/// name and "=" belongs to the URL: ";jsessionid=1".
bool has_rest(const row& cells, size_t column, char separator) {
  if (cells.size() < 2)
    return false;
  return separator != ';' || column + 1 >= cells.size()
         || cells[column + 1].text.find('=') == std::string::npos;
}

/// True if most rows after the first `skipped` hold more than a URL.
bool splits_rows(const split& attempt, size_t column, size_t skipped) {
  size_t split_rows = 0;
  size_t count = 0;
  for (auto& cells : attempt.rows)
    if (++count > skipped && has_rest(cells, column, attempt.by->separator))
      ++split_rows;
  return count > skipped && 2 * split_rows > count - skipped;
}

class layout_finder {
public:
  layout_finder(csv_sample sample, list_delimiter delimiter,
                const std::string& field)
      : delimiter_{delimiter}, field_{field} {
    for (auto& by : separators)
      splits_.push_back(split_by(by, sample));
  }

  caf::expected<csv_layout> run() const {
    auto number = read_number<uint32_t>(field_);
    auto by_name = candidates();
    auto has_names = [](const split* attempt) {
      return std::none_of(attempt->first().begin(), attempt->first().end(),
                          is_url);
    };
    if (number && *number > 0
        && std::none_of(by_name.begin(), by_name.end(), has_names))
      return headerless(*number - 1);
    if (by_name.empty())
      return not_found();
    if (by_name.size() > 1 && by_name[0]->first().size() > 1)
      return undecided(by_name);
    auto& attempt = *by_name[0];
    auto columns = columns_named(attempt, field_);
    if (columns.size() > 1)
      return refused("several columns are named \"" + printable(field_)
                     + "\": " + names_of(attempt.first(), columns)
                     + "; write the exact name of one under input.field");
    if (auto err = check_only_column(attempt))
      return err;
    return layout(attempt, columns[0], true);
  }

private:
  using choice = std::vector<const split*>;

  [[nodiscard]] bool is_free() const {
    return delimiter_ == list_delimiter::automatic;
  }

  [[nodiscard]] bool may_be(const split& attempt) const {
    return is_free() || attempt.by->delimiter == delimiter_;
  }

  /// The separators that yield the column in the header.
  [[nodiscard]] choice candidates() const {
    choice out;
    for (auto& attempt : splits_)
      if (may_be(attempt) && !columns_named(attempt, field_).empty())
        out.push_back(&attempt);
    return out;
  }

  static csv_layout
  layout(const split& attempt, size_t column, bool has_header) {
    auto& first = attempt.first();
    return {attempt.by->separator, column,
            has_header ? first.size() : least_cells(attempt, column),
            has_header, has_header ? first[column].text : ""};
  }

  /// The number of cells in the shortest row that has the column.
  static size_t least_cells(const split& attempt, size_t column) {
    auto least = attempt.first().size();
    for (auto& cells : attempt.rows)
      if (cells.size() > column)
        least = std::min(least, cells.size());
    return least;
  }

  static caf::error undecided(const choice& among) {
    std::string names;
    for (auto attempt : among)
      names += (names.empty() ? "" : " or ") + std::string{attempt->by->plural};
    return refused("the columns may be separated by " + names
                   + "; set input.delimiter");
  }

  [[nodiscard]] caf::error not_found() const {
    const split* best = nullptr;
    std::string_view defect;
    for (auto& attempt : splits_) {
      if (may_be(attempt) && defect.empty())
        defect = attempt.defect;
      if (!attempt.rows.empty()
          && (best == nullptr || attempt.first().size() > best->first().size()
              || (attempt.first().size() == best->first().size()
                  && may_be(attempt))))
        best = &attempt;
    }
    if (best == nullptr)
      return no_header(defect);
    return may_be(*best) ? no_column(*best, field_)
                         : wrong_delimiter(*best->by);
  }

  /// A header of one column fits any separator: the rows decide.
  [[nodiscard]] caf::error check_only_column(const split& chosen) const {
    if (!is_free() || chosen.first().size() > 1)
      return caf::none;
    for (auto& attempt : splits_)
      if (&attempt != &chosen && splits_rows(attempt, 0, 1))
        return refused(std::string{"the header row has one column, but the "
                                   "rows are separated by "}
                       + attempt.by->plural + "; write "
                       + setting_of(*attempt.by));
    return caf::none;
  }

  // -- by number --------------------------------------------------------------

  [[nodiscard]] caf::expected<csv_layout> headerless(size_t column) const {
    choice found;
    const split* given = nullptr;
    for (auto& attempt : splits_) {
      if (!may_be(attempt) || attempt.rows.empty())
        continue;
      given = &attempt;
      if (splits_rows(attempt, column, 0) && has_url(attempt, column))
        found.push_back(&attempt);
    }
    if (given == nullptr)
      return refused("the list has no row that can be read; see input.format");
    if (!is_free())
      return layout(*given, column, false);
    if (found.size() > 1)
      return undecided(found);
    if (found.size() == 1)
      return column == 0 && are_urls(*found[0])
               ? one_or_more_columns(*found[0]->by)
               : caf::expected<csv_layout>{layout(*found[0], column, false)};
    auto& commas = splits_[0];
    if (column == 0 && !commas.rows.empty())
      return layout(commas, column, false);
    return refused("no row has a URL in column " + field_
                   + "; see input.field and input.delimiter");
  }

  /// True if most rows are also URLs when taken as a whole.
  static bool are_urls(const split& attempt) {
    auto is_whole_url = [&](const row& cells) {
      std::string line;
      for (auto& each : cells)
        line +=
          (line.empty() ? "" : std::string{attempt.by->separator}) + each.text;
      return !url_defect(line);
    };
    auto urls =
      std::count_if(attempt.rows.begin(), attempt.rows.end(), is_whole_url);
    return 2 * static_cast<size_t>(urls) > attempt.rows.size();
  }

  static caf::error one_or_more_columns(const separator_words& by) {
    return refused(std::string{"the rows may be URLs with "} + by.plural
                   + " in them, or columns; write " + setting_of(by)
                   + " for columns, or `input.format: lines` for one URL "
                     "per line");
  }

  static bool has_url(const split& attempt, size_t column) {
    return std::any_of(attempt.rows.begin(), attempt.rows.end(),
                       [&](auto& cells) {
                         return column < cells.size() && is_url(cells[column]);
                       });
  }

  list_delimiter delimiter_;
  const std::string& field_;
  std::vector<split> splits_;
};

/// True if `text` has the separator, and nothing but a number follows its last
/// one. The number may be missing, or contain dots and commas.
bool ends_in_number(std::string_view text, char separator) {
  auto at = text.rfind(separator);
  return at != std::string_view::npos
         && text.find_first_not_of("0123456789.,", at + 1)
              == std::string_view::npos;
}

/// True if anything follows the last column.
bool has_surplus(const csv_layout& layout, const csv_record& record) {
  for (auto place = layout.columns; place < record.fields.size(); ++place)
    if (!without_blanks(record.fields[place].text).empty())
      return true;
  return false;
}

} // namespace

std::string csv_layout::text() const {
  auto out = std::string{"csv, separated by "}
             + separator_named(separator).plural + ", URL in column "
             + std::to_string(column + 1);
  if (!has_header)
    return out + ", no header";
  return out + " of " + std::to_string(columns) + " ("
         + printable(column_name, 60) + ')';
}

caf::expected<csv_layout> find_csv_layout(csv_sample sample,
                                          list_delimiter delimiter,
                                          const std::string& field) {
  return layout_finder{sample, delimiter, field}.run();
}

const char* separator_defect(const csv_layout& layout, const csv_record& row) {
  auto& field = row.fields[layout.column];
  if (field.is_quoted)
    return nullptr;
  if (has_surplus(layout, row))
    return "has more fields than there are columns, so the URL may be cut: put "
           "it in quotes";
  auto is_short = row.fields.size() < layout.columns;
  auto is_whole = row.fields.size() > 1 && !is_short;
  auto text = without_blanks(field.text);
  for (auto other : all_separators)
    // A URL may well end in a comma and a number: "/article,123".
    if (other != layout.separator
        && ((ends_in_number(text, other) && !(is_whole && other == ','))
            || (is_short && text.find(other) != std::string::npos)))
      return "has a different separator from the list: see input.delimiter, or "
             "put the URL in quotes";
  return nullptr;
}

} // namespace sluice

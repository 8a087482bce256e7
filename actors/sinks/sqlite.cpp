#include "actors/sinks/sqlite.hpp"

#include "actors/sinks/dead_letter_log.hpp"
#include "actors/sinks/page_values.hpp"
#include "actors/sinks/row_counts.hpp"
#include "actors/sinks/sqlite_store.hpp"
#include "core/base/ascii.hpp"
#include "core/base/utf8.hpp"

#include <filesystem>
#include <thread>

namespace sluice {

namespace {

/// Invalid UTF-8 becomes a BLOB: a TEXT would not be valid, and most programs
/// could not read the row.
void bind_json(sqlite::statement& row, int index, std::string_view json) {
  if (utf8_prefix(json) == json.size())
    row.bind(index, json);
  else
    row.bind(index, sqlite::blob{json});
}

/// An INTEGER if that has the same digits, else the number's own text.
void bind_number(sqlite::statement& row, int index, std::string_view text) {
  auto number = read_number<int64_t>(text);
  if (number && std::to_string(*number) == text)
    row.bind(index, *number);
  else
    row.bind(index, text);
}

void remove_files(const sqlite_options& options) {
  std::error_code ignored;
  std::filesystem::remove(options.path, ignored);
  for (auto* ending : beside_database)
    std::filesystem::remove(options.path.native() + ending, ignored);
  if (options.dead_letter)
    std::filesystem::remove(*options.dead_letter, ignored);
}

class sqlite_sink final : public sink {
public:
  sqlite_sink(sink_context context, sqlite_options options)
      : context_(std::move(context)),
        options_(std::move(options)),
        title_("Sink '" + printable(context_.name) + "'"),
        store_(context_, options_),
        selector_(options_.columns),
        dead_letters_(context_, options_.dead_letter) {}

  caf::error open(const std::optional<sink_position>& committed) override {
    if (auto err = check_sqlite_options(context_, options_))
      return err;
    position_numbers numbers;
    if (committed) {
      auto read = read_sqlite_position(*committed, context_);
      if (!read)
        return read.error();
      numbers = std::move(*read);
    } else if (options_.replace) {
      remove_files(options_);
    }
    counts_ = row_counts_in(numbers, options_.columns.size());
    rows_given_up_ = number_in(numbers, rows_given_up_entry);
    auto err = open_files(numbers);
    if (err)
      store_.close();
    return err;
  }

  /// Only the first statement of a transaction can find the database locked, so
  /// a page is never offered again after a part of it was written.
  caf::error write(const capture_page& page) override {
    if (page.captures.empty())
      return {};
    if (!begun_)
      if (auto err = store_.begin())
        return err;
    begun_ = true;
    page_values own{page, context_.job_id};
    for (const auto& span : page.captures)
      if (auto err = add(page, page.bytes(span), own.get()))
        return final_error(err);
    now_.delivery = page.delivery;
    return {};
  }

  caf::expected<sink_position> checkpoint() override {
    position_numbers numbers;
    if (auto err = dead_letters_.checkpoint(numbers))
      return err;
    if (begun_) {
      now_.rows = counts_.rows;
      if (auto err = store_.commit(now_))
        return err;
      begun_ = false;
    }
    put_row_counts(numbers, counts_);
    numbers["delivery"] = now_.delivery;
    if (rows_given_up_ > 0)
      numbers[rows_given_up_entry] = rows_given_up_;
    return write_position(numbers);
  }

  caf::error close() override {
    store_.close();
    return dead_letters_.close();
  }

  uint64_t dead_letters() const override { return dead_letters_.written(); }

private:
  /// Both files are checked before either is changed.
  caf::error open_files(const position_numbers& numbers) {
    auto stored = stored_rows_in(numbers);
    if (auto err = patiently([&] { return prepare(stored); }))
      return err;
    if (auto err = dead_letters_.open(numbers))
      return err;
    now_ = stored.value_or(stored_rows{});
    return patiently([&] { return store_.commit(now_); });
  }

  caf::error prepare(const std::optional<stored_rows>& stored) {
    store_.close();
    if (auto err = store_.connect(stored.has_value()))
      return err;
    if (auto err = store_.begin())
      return err;
    return store_.prepare(stored);
  }

  /// Waits while other programs have the database locked: a start that fails is
  /// not repeated as a page is. Not every step waits for a lock itself.
  template <class Step>
  caf::error patiently(Step step) {
    constexpr auto patiences = 60;
    constexpr auto pauses = 10; // per patience
    auto end = time_point::clock::now() + patiences * options_.patience;
    auto err = step();
    while (code_of(err) == ec::unavailable && time_point::clock::now() < end) {
      std::this_thread::sleep_for(options_.patience / pauses);
      err = step();
    }
    return err;
  }

  caf::error add(const capture_page& page, std::string_view capture,
                 const own_values& own) {
    auto cells = selector_.select(capture, own);
    if (auto gap = count_gaps(selector_.columns(), cells, counts_)) {
      if (gap->rule == gap_rule::stop)
        return stopped_by_gap(title_, *gap, page);
      return refuse(
        page, {capture, code_of_gap(*gap), text_of_gap(*gap), gap->of->name});
    }
    return insert(page, capture, cells);
  }

  /// Within a savepoint: a trigger may leave changes behind when it refuses a
  /// row.
  caf::error insert(const capture_page& page, std::string_view capture,
                    std::span<const cell> cells) {
    auto& db = store_.db();
    if (auto err = db.use("SAVEPOINT one_row").run())
      return err;
    auto [err, refusal] = try_insert(page, capture, cells);
    if (!err) {
      if (db.changes() > 0) // a trigger may ignore a row
        count(cells.size());
      return db.use("RELEASE one_row").run();
    }
    if (!db.in_transaction() || !refusal)
      return err;
    if (auto failed = db.use("ROLLBACK TO one_row").run())
      return failed;
    if (auto failed = db.use("RELEASE one_row").run())
      return failed;
    if (auto failed = db.check(store_.table().insert()))
      return failed;
    return refuse(page, {capture, dead_letter_code::refused, *refusal});
  }

  void count(size_t columns) {
    ++counts_.rows;
    for (size_t i = 0; i < columns; ++i)
      counts_.columns[i].replaced += is_replaced_[i] ? 1 : 0;
  }

  struct inserted {
    caf::error err;
    std::optional<std::string> refusal;
  };

  inserted try_insert(const capture_page& page, std::string_view capture,
                      std::span<const cell> cells) {
    using form = sqlite_options::capture_form;
    auto row = store_.db().use(store_.table().insert());
    auto index = 0;
    is_replaced_.assign(cells.size(), false);
    for (size_t i = 0; i < cells.size(); ++i)
      bind_cell(row, ++index, i, cells[i]);
    if (options_.capture_as == form::text)
      bind_json(row, ++index, capture);
    if (options_.capture_as == form::blob)
      row.bind(++index, sqlite::blob{capture});
    row.bind(++index, context_.job_id);
    row.bind(++index, page.delivery);
    auto err = row.run();
    return {err, row.refusal()};
  }

  void
  bind_cell(sqlite::statement& row, int index, size_t column, const cell& of) {
    if (of.is_null())
      return;
    switch (selector_.columns()[column].type) {
      case column_type::text: {
        text_losses losses;
        row.bind(index, cell_text(of, scratch_, losses));
        is_replaced_[column] = losses.replaced > 0;
        return;
      }
      case column_type::integer:
      case column_type::number:
        return bind_number(row, index, of.text);
      case column_type::boolean:
        return row.bind(index, of.text == "true");
      case column_type::time:
        return row.bind(index, of.text);
      case column_type::json:
        return bind_json(row, index, of.text);
    }
  }

  caf::error refuse(const capture_page& page, const dead_letter& letter) {
    std::string reason{letter.message};
    if (!dead_letters_.has_file())
      return refused_row(title_, reason, page);
    if (auto err = dead_letters_.append(letter))
      return err;
    dead_letters_.report(time_point::clock::now(), reason);
    return {};
  }

  /// A failure within a transaction ends the job: the captures of earlier pages
  /// may be undone, too, and nobody has them any more. The next start fetches
  /// them again.
  static caf::error final_error(const caf::error& err) {
    return code_of(err) == ec::unavailable ? make_error(ec::disk, what_of(err))
                                           : err;
  }

  sink_context context_;
  sqlite_options options_;
  std::string title_; ///< the start of its messages
  sqlite_store store_;
  row_selector selector_;
  dead_letter_log dead_letters_;
  row_counts counts_;
  stored_rows now_;    ///< what the job's row says at the next commit
  bool begun_ = false; ///< a transaction is open
  uint64_t rows_given_up_ = 0;
  std::vector<bool> is_replaced_; ///< the texts of one row, by column
  std::string scratch_;
};

} // namespace

caf::expected<position_numbers>
read_sqlite_position(const sink_position& text, const sink_context& context) {
  auto begins_again = read_position(text, context.name,
                                    {dead_letters_entry, rows_given_up_entry});
  return begins_again
           ? begins_again
           : read_position(text, context.name,
                           {"delivery", rows_entry, dead_letters_entry});
}

std::unique_ptr<sink>
make_sqlite_sink(const sink_context& context, sqlite_options options) {
  return std::make_unique<sqlite_sink>(context, std::move(options));
}

} // namespace sluice

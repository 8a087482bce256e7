#include "actors/sinks/postgres.hpp"

#include "actors/sinks/dead_letter_log.hpp"
#include "actors/sinks/postgres_pages.hpp"
#include "actors/sinks/postgres_rows.hpp"
#include "actors/sinks/postgres_sieve.hpp"
#include "actors/sinks/postgres_table.hpp"
#include "core/base/log.hpp"

#include <algorithm>

namespace sluice {

namespace {

using postgres::connection;

class postgres_sink final : public sink {
public:
  postgres_sink(sink_context context, postgres_options options)
      : context_{std::move(context)},
        options_{std::move(options)},
        title_{"Sink '" + printable(context_.name) + "'"},
        table_{options_},
        rows_{context_, options_},
        dead_letters_{context_, options_.dead_letter},
        pages_{{[this] { return connect(); }, table_.positions(),
                options_.table, context_.job_id, context_.name,
                table_.undo_sql()}} {}

  caf::error open(const std::optional<sink_position>& committed) override {
    if (auto err = check_postgres_options(context_, options_))
      return err;
    return open_rows(committed, [this](const position_numbers& numbers) {
      return dead_letters_.open(numbers);
    });
  }

  /// Opens the rows alone, which undoes those after `committed`.
  caf::error cut_back(const sink_position& committed) {
    return open_rows(committed, [](auto&) { return caf::error{}; });
  }

  caf::error write(const capture_page& page) override {
    if (page_ != page.delivery) {
      auto made = rows_.make(page);
      if (!made)
        return made.error();
      made_ = std::move(*made);
      page_ = page.delivery;
    }
    auto put = [&](connection& db) { return store(db, page); };
    if (auto err = pages_.commit(page.delivery, made_.ends.size(), put))
      return titled(err);
    page_.reset();
    return finish(page);
  }

  caf::expected<sink_position> checkpoint() override {
    const auto& at = pages_.position();
    position_numbers numbers{{"captures", captures_},
                             {"delivery", at.delivery},
                             {"place", at.place},
                             {"holder_high", at.holder.high},
                             {"holder_low", at.holder.low}};
    put_row_counts(numbers, counts_);
    numbers[rows_entry] = at.rows;
    if (auto err = dead_letters_.checkpoint(numbers))
      return err;
    return write_position(numbers);
  }

  caf::error close() override {
    pages_.close();
    return dead_letters_.close();
  }

  uint64_t dead_letters() const override { return dead_letters_.written(); }

private:
  using agreement = std::function<caf::error(const position_numbers&)>;

  caf::error open_rows(const std::optional<sink_position>& committed,
                       const agreement& agree) {
    position_numbers numbers;
    std::optional<stored_position> stored;
    if (committed) {
      auto read = read_position(*committed, context_.name,
                                {"captures", "delivery", "place", "holder_high",
                                 "holder_low", rows_entry, dead_letters_entry});
      if (!read)
        return read.error();
      numbers = std::move(*read);
      stored = {numbers.at("delivery"),
                numbers.at(rows_entry),
                numbers.at("place"),
                {numbers.at("holder_high"), numbers.at("holder_low")}};
    }
    captures_ = number_in(numbers, "captures");
    counts_ = row_counts_in(numbers, options_.columns.size());
    auto prepare = [&](connection& db) {
      return stored ? table_.check_kept(db) : table_.prepare(db);
    };
    auto err = pages_.open(stored, prepare, [&] { return agree(numbers); });
    return err ? titled(err) : err;
  }

  caf::expected<std::unique_ptr<connection>> connect() {
    auto where = dsn_of(options_);
    if (!where)
      return where.error();
    auto made = connection::open(*where, {});
    if (made && (*made)->is_exposed() && !std::exchange(warned_, true))
      log_event(log_level::warn, "database_exposed",
                "the connection to the database does not check whom it talks "
                "to: write sslmode=verify-full into the DSN",
                {{"sink", context_.name}, {"server", (*made)->name()}});
    return made;
  }

  /// Within the page's transaction.
  caf::expected<uint64_t> store(connection& db, const capture_page& page) {
    sieved_ = {};
    if (auto refused = without_file(page))
      return refused;
    if (made_.ends.empty())
      return uint64_t{0};
    if (table_.is_staged())
      if (auto err = db.script(table_.staging_ddl()))
        return err;
    auto put = [&](const row_range& range) { return store_range(db, range); };
    auto sieved = sieve_rows(db, made_.ends.size(), table_.copied_to(), put);
    if (!sieved)
      return sieved.error();
    sieved_ = std::move(*sieved);
    if (auto refused = without_file(page))
      return refused;
    return sieved_.stored;
  }

  caf::expected<uint64_t> store_range(connection& db, const row_range& range) {
    if (table_.is_staged() && range.begin > 0)
      if (auto err = db.script("DELETE FROM pg_temp.sluice_page"))
        return err;
    auto copied = db.copy_in(table_.copy_sql(), made_.lines(range));
    if (!copied || !table_.is_staged())
      return copied;
    auto moved = db.run(table_.upsert_sql());
    if (!moved)
      return moved.error();
    return moved->touched();
  }

  /// What the page's dead letters are, in the order of its captures.
  std::vector<refused_capture> refused() const {
    auto all = made_.refused;
    for (const auto& one : sieved_.refused)
      all.push_back(
        {made_.captures[one.row], one.sqlstate, printable(one.message), {}});
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
      return a.capture < b.capture;
    });
    return all;
  }

  /// The error for a capture that was not stored, if the sink has no dead
  /// letter file.
  caf::error without_file(const capture_page& page) const {
    auto all = refused();
    if (all.empty() || dead_letters_.has_file())
      return {};
    const auto& first = all.front();
    return refused_row(title_, first.message + " (" + first.code + ")", page);
  }

  /// Once the page is known to be stored.
  caf::error finish(const capture_page& page) {
    captures_ += page.captures.size();
    add_row_counts(counts_, made_.counts);
    for (const auto& one : refused()) {
      dead_letter letter{page.bytes(page.captures[one.capture]),
                         std::string_view{one.code}, one.message, one.column};
      if (auto err = dead_letters_.append(letter))
        return err;
      dead_letters_.report(time_point::clock::now(), one.message);
    }
    made_ = {};
    sieved_ = {};
    return {};
  }

  caf::error titled(const caf::error& err) const {
    auto what = what_of(err);
    return what.starts_with(title_)
             ? err
             : make_error(code_of(err), title_ + ": " + what, wait_of(err));
  }

  sink_context context_;
  postgres_options options_;
  std::string title_; ///< the start of its messages
  postgres_table table_;
  row_maker rows_;
  dead_letter_log dead_letters_;
  postgres_pages pages_;

  std::optional<uint64_t>
    page_;             ///< delivery of the page that is not stored yet
  page_rows made_;     ///< its rows
  sieved_rows sieved_; ///< what became of them, at the last attempt
  uint64_t captures_ = 0;
  row_counts counts_;
  bool warned_ = false;
};

} // namespace

caf::error cut_back_rows(const sink_context& context, postgres_options options,
                         const sink_position& committed) {
  postgres_sink kept{context, std::move(options)};
  return kept.cut_back(committed);
}

std::unique_ptr<sink>
make_postgres_sink(const sink_context& context, postgres_options options) {
  return std::make_unique<postgres_sink>(context, std::move(options));
}

} // namespace sluice

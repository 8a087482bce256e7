#include "actors/sinks/postgres_sieve.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>

namespace sluice {

namespace {

class sieve {
public:
  sieve(postgres::connection& db, size_t count, std::string_view copied_to,
        const store_range& store)
      : db_{db},
        count_{count},
        copied_to_{copied_to},
        store_{store},
        step_{count} {}

  caf::expected<sieved_rows> run() {
    while (at_ < count_) {
      row_range next{at_, std::min(count_, at_ + step_)};
      auto is_stored = attempt(next);
      if (!is_stored)
        return is_stored.error();
      if (*is_stored)
        passed(next);
      else if (next.size() == 1)
        refuse();
      else
        narrow(next);
    }
    return std::move(out_);
  }

private:
  /// False if a row of it is bad; then nothing of it is stored.
  caf::expected<bool> attempt(const row_range& range) {
    if (auto err = db_.script("SAVEPOINT sluice_rows"))
      return err;
    auto stored = store_(range);
    if (stored) {
      out_.stored += *stored;
      auto err = db_.script("RELEASE SAVEPOINT sluice_rows");
      return err ? caf::expected<bool>{err} : true;
    }
    failure_ = db_.last_failure();
    if (!db_.is_usable() || failure_.kind != postgres::trouble::bad_row)
      return stored.error();
    auto err = db_.script("ROLLBACK TO SAVEPOINT sluice_rows;"
                          "RELEASE SAVEPOINT sluice_rows");
    return err ? caf::expected<bool>{err} : false;
  }

  void passed(const row_range& range) {
    at_ = range.end;
    // A row that is good by itself was named by mistake.
    if (range.size() == 1 && suspect_ == range.begin)
      believes_ = false;
    step_ = suspect_ == at_ ? 1 : 2 * range.size();
  }

  void refuse() {
    out_.refused.push_back({at_, failure_.sqlstate, failure_.message});
    ++at_;
    step_ = std::max<size_t>(1, failed_size_ / 2);
  }

  /// The next attempt ends before the row that the error names; or else it is
  /// half as large.
  void narrow(const row_range& range) {
    failed_size_ = range.size();
    // The rows before a suspect are good, if it was named rightly.
    if (suspect_ == range.end)
      believes_ = false;
    suspect_.reset();
    auto named = row_in_context(failure_.context, copied_to_);
    if (believes_ && named && *named < range.size())
      suspect_ = range.begin + *named;
    step_ = suspect_ ? std::max<size_t>(1, *suspect_ - at_) : range.size() / 2;
  }

  postgres::connection& db_;
  size_t count_;
  std::string_view copied_to_;
  const store_range& store_;

  size_t at_ = 0;          ///< rows before it are stored or refused
  size_t step_;            ///< rows of the next attempt
  size_t failed_size_ = 0; ///< of the last failed attempt of several rows
  std::optional<size_t> suspect_;
  bool believes_ = true; ///< what contexts say
  postgres::failure failure_;
  sieved_rows out_;
};

} // namespace

caf::expected<sieved_rows> sieve_rows(postgres::connection& db, size_t count,
                                      std::string_view copied_to,
                                      const store_range& store) {
  return sieve{db, count, copied_to, store}.run();
}

std::optional<size_t>
row_in_context(std::string_view context, std::string_view copied_to) {
  auto begin = "COPY " + std::string{copied_to} + ", line ";
  // The outermost, which is COPY itself, comes last, and may show a value of
  // several lines.
  auto at = context.rfind(begin);
  while (at != context.npos && at > 0 && context[at - 1] != '\n')
    at = context.rfind(begin, at - 1);
  if (at == context.npos)
    return std::nullopt;
  context.remove_prefix(at + begin.size());
  auto digits = std::find_if_not(context.begin(), context.end(), is_digit);
  auto number = read_number<size_t>(
    context.substr(0, static_cast<size_t>(digits - context.begin())));
  if (!number || *number == 0)
    return std::nullopt;
  return *number - 1;
}

} // namespace sluice

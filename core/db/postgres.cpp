#include "core/db/postgres.hpp"

#include "core/base/ascii.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::postgres {

namespace {

using std::chrono::milliseconds;

/// COPY's data is sent in pieces of this size, so that what waits in memory
/// does not grow with a page.
constexpr size_t chunk = 256 * 1024;

constexpr size_t most_warnings = 8;

// In bytes, of what is kept of a failure.
constexpr size_t most_message = 4 * 1024;
constexpr size_t most_context = 64 * 1024;

std::string
field_of(const PGresult* answer, int which, size_t most = most_message) {
  const auto* text = PQresultErrorField(answer, which);
  return std::string{
    std::string_view{text == nullptr ? "" : text}.substr(0, most)};
}

bool is_copy(int status) {
  return status == PGRES_COPY_IN || status == PGRES_COPY_OUT
         || status == PGRES_COPY_BOTH;
}

bool is_error(const PGresult* answer) {
  auto status = PQresultStatus(answer);
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

} // namespace

void result::clear(pg_result* handle) {
  PQclear(handle);
}

size_t result::rows() const {
  return static_cast<size_t>(PQntuples(handle_.get()));
}

size_t result::columns() const {
  return static_cast<size_t>(PQnfields(handle_.get()));
}

std::string_view result::text(size_t row, size_t column) const {
  auto r = static_cast<int>(row), c = static_cast<int>(column);
  return {PQgetvalue(handle_.get(), r, c),
          static_cast<size_t>(PQgetlength(handle_.get(), r, c))};
}

bool result::is_null(size_t row, size_t column) const {
  return PQgetisnull(handle_.get(), static_cast<int>(row),
                     static_cast<int>(column))
         != 0;
}

uint64_t result::count(size_t row, size_t column) const {
  return read_number<uint64_t>(text(row, column)).value_or(0);
}

std::string_view result::tag() const {
  return PQcmdStatus(handle_.get());
}

uint64_t result::touched() const {
  return read_number<uint64_t>(PQcmdTuples(handle_.get())).value_or(0);
}

connection::~connection() {
  PQfinish(handle_);
}

bool connection::wait(bool for_writing, clock::time_point deadline) {
  deadline = std::min(deadline, until_);
  for (;;) {
    auto left =
      std::chrono::ceil<milliseconds>(deadline - clock::now()).count();
    if (left <= 0)
      return false;
    pollfd entry{PQsocket(handle_),
                 static_cast<short>(for_writing ? POLLIN | POLLOUT : POLLIN),
                 0};
    // Cut, so that no clock that jumps makes it wait for long.
    auto ready =
      ::poll(&entry, 1, static_cast<int>(std::min<int64_t>(left, 1'000)));
    if (ready > 0)
      return true;
  }
}

caf::error connection::as_error() const {
  auto code =
    failure_.kind == trouble::unavailable ? ec::unavailable : ec::refused;
  auto state = failure_.sqlstate.empty()
                 ? std::string{}
                 : " (SQLSTATE " + printable(failure_.sqlstate, 5) + ")";
  return make_error(code, "the PostgreSQL server at " + name_ + " answers: "
                            + printable(failure_.message) + state);
}

caf::error connection::lost(std::string message, std::string sqlstate) {
  usable_ = false;
  message.resize(std::min(message.size(), most_message));
  while (!message.empty() && message.back() == '\n')
    message.pop_back();
  auto kind = trouble_of(sqlstate);
  failure_ = {kind, std::move(sqlstate), std::move(message), {}};
  return as_error();
}

caf::error connection::silent() {
  usable_ = false;
  failure_ = {trouble::unavailable, {}, "no answer in time", {}};
  return make_error(ec::unavailable, "the PostgreSQL server at " + name_
                                       + " does not answer in time");
}

caf::error connection::failed(const pg_result* answer) {
  auto state = field_of(answer, PG_DIAG_SQLSTATE);
  // Without a state it is libpq's own: the connection is lost.
  if (state.empty() || PQstatus(handle_) == CONNECTION_BAD) {
    auto message = field_of(answer, PG_DIAG_MESSAGE_PRIMARY);
    return lost(message.empty() ? PQresultErrorMessage(answer) : message,
                std::move(state));
  }
  failure_ = {trouble_of(state), state,
              field_of(answer, PG_DIAG_MESSAGE_PRIMARY),
              field_of(answer, PG_DIAG_CONTEXT, most_context)};
  return as_error();
}

void connection::note_warning(void* self, const pg_result* notice) {
  auto& warnings = static_cast<connection*>(self)->warnings_;
  if (field_of(notice, PG_DIAG_SEVERITY_NONLOCALIZED) == "WARNING"
      && warnings.size() < most_warnings)
    warnings.push_back(field_of(notice, PG_DIAG_SQLSTATE));
}

std::vector<std::string> connection::take_warnings() {
  return std::exchange(warnings_, {});
}

bool connection::is_exposed() const {
  std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> found{
    PQconninfo(handle_), PQconninfoFree};
  for (auto* one = found.get(); one && one->keyword != nullptr; ++one)
    if (std::string_view{one->keyword} == "sslmode" && one->val != nullptr)
      return postgres::is_exposed(PQhost(handle_), one->val);
  return postgres::is_exposed(PQhost(handle_), {});
}

class connection::call {
public:
  explicit call(connection& c) : c_{c}, deadline_{clock::now() + c.limit_} {}

  /// `sent` is what one of libpq's PQsend functions returned.
  [[nodiscard]] caf::error begin(int sent) {
    return sent == 1 ? flush() : c_.lost(PQerrorMessage(c_.handle_));
  }

  [[nodiscard]] caf::error flush() {
    for (;;) {
      auto left = PQflush(c_.handle_);
      if (left == 0)
        return {};
      // What the server said before it went away counts, not that nothing
      // more can be sent.
      if (left < 0)
        return {};
      if (!c_.wait(true, deadline_))
        return c_.silent();
      if (PQconsumeInput(c_.handle_) == 0)
        return {};
    }
  }

  /// The next answer; null after the last one. A COPY that was not asked for
  /// would be answered for ever.
  [[nodiscard]] caf::expected<result> next(bool can_copy_in = false) {
    if (clock::now() > std::min(deadline_, c_.until_))
      return c_.silent(); // a server may also talk without an end
    while (PQisBusy(c_.handle_) != 0) {
      if (!c_.wait(false, deadline_))
        return c_.silent();
      if (PQconsumeInput(c_.handle_) == 0)
        break; // PQgetResult has the reason
    }
    auto* answer = PQgetResult(c_.handle_);
    is_last_ = answer == nullptr;
    result out{answer};
    if (answer != nullptr && is_error(answer))
      return c_.failed(answer);
    status_ = answer == nullptr ? PGRES_EMPTY_QUERY : PQresultStatus(answer);
    if (is_copy(status_) && !(can_copy_in && status_ == PGRES_COPY_IN))
      return c_.lost("it copies although nothing asked for that");
    return out;
  }

  [[nodiscard]] bool is_last() const { return is_last_; }
  [[nodiscard]] int status() const { return status_; }

  /// Reads what follows a failure, so that the connection can be used again.
  void drain() {
    while (c_.usable_) {
      auto more = next();
      if (more && is_last_)
        return;
    }
  }

  /// The limit begins again with each piece: over a slow line, a large page may
  /// take longer than that.
  [[nodiscard]] caf::error put(std::string_view piece) {
    deadline_ = clock::now() + c_.limit_;
    for (;;) {
      auto taken =
        PQputCopyData(c_.handle_, piece.data(), static_cast<int>(piece.size()));
      if (taken != 0)
        return taken < 0 ? c_.lost(PQerrorMessage(c_.handle_)) : flush();
      if (auto err = flush())
        return err;
    }
  }

  [[nodiscard]] caf::error end_copy() {
    deadline_ = clock::now() + c_.limit_;
    auto ended = PQputCopyEnd(c_.handle_, nullptr);
    return ended < 0 ? c_.lost(PQerrorMessage(c_.handle_)) : flush();
  }

private:
  connection& c_;
  clock::time_point deadline_;
  bool is_last_ = false;
  int status_ = PGRES_EMPTY_QUERY;
};

caf::expected<result>
connection::run_with(const std::string& sql,
                     const std::vector<parameter>& values) {
  if (!usable_)
    return as_error();
  warnings_.clear();
  std::vector<const char*> texts;
  texts.reserve(values.size());
  for (const auto& value : values)
    texts.push_back(value ? value->c_str() : nullptr);
  call asking{*this};
  if (auto err = asking.begin(
        PQsendQueryParams(handle_, sql.c_str(), static_cast<int>(texts.size()),
                          nullptr, texts.data(), nullptr, nullptr, 0)))
    return err;
  auto answer = asking.next();
  // An answer counts even if the connection breaks right after it: a COMMIT
  // whose tag has arrived is done.
  auto kept = failure_;
  asking.drain();
  if (!answer)
    failure_ = kept;
  return answer;
}

caf::error connection::script(const std::string& sql) {
  if (!usable_)
    return as_error();
  warnings_.clear();
  call asking{*this};
  if (auto err = asking.begin(PQsendQuery(handle_, sql.c_str())))
    return err;
  for (;;) {
    auto answer = asking.next();
    if (!answer) {
      auto kept = failure_;
      asking.drain();
      failure_ = kept;
      return answer.error();
    }
    if (asking.is_last())
      return {};
  }
}

caf::expected<uint64_t>
connection::copy_in(const std::string& sql, std::string_view data) {
  if (!usable_)
    return as_error();
  warnings_.clear();
  call asking{*this};
  if (auto err = asking.begin(PQsendQuery(handle_, sql.c_str())))
    return err;
  auto answer = asking.next(true);
  if (answer && asking.status() == PGRES_COPY_IN) {
    for (; !data.empty(); data.remove_prefix(std::min(chunk, data.size())))
      if (auto err = asking.put(data.substr(0, chunk)))
        return err;
    if (auto err = asking.end_copy())
      return err;
    answer = asking.next();
  }
  auto kept = failure_;
  asking.drain();
  if (answer)
    return answer->touched();
  failure_ = kept;
  return answer.error();
}

} // namespace sluice::postgres

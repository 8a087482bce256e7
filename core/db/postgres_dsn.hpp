// Where a PostgreSQL database is: a DSN, `postgresql://user@host/database` or
// `host=… dbname=…`, as libpq reads it. It may contain a password, so it is
// never shown; what it contains that is secret is registered for masking.

#pragma once

#include "core/base/error.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::postgres {

class dsn {
public:
  /// Errors: ec::usage. Their sentences have nothing of `text`.
  [[nodiscard]] static caf::expected<dsn> read(const std::string& text);

  /// The value of one of libpq's keywords; empty if it is not given.
  [[nodiscard]] std::string_view value(std::string_view keyword) const;

  /// Sets a keyword if it is not given.
  void set_default(std::string_view keyword, std::string value);
  void set(std::string_view keyword, std::string value);

  /// The same for each of its hosts, in their order; at least one. libpq moves
  /// to the next host by itself unless the first one is silent.
  [[nodiscard]] std::vector<dsn> hosts() const;

  /// As messages show it: "'db.example', database 'shop'".
  [[nodiscard]] std::string name() const;

  using keyword_values = std::vector<std::pair<std::string, std::string>>;
  [[nodiscard]] const keyword_values& values() const { return values_; }

private:
  keyword_values values_;
};

/// True if the server is on another machine and somebody between could read or
/// change what is sent, because its certificate is not checked for its name.
/// `host` may be the folder of a socket.
[[nodiscard]] bool is_exposed(std::string_view host, std::string_view sslmode);

} // namespace sluice::postgres

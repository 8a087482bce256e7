// A database for one test of the sink `postgres`, and the sink's section.

#pragma once

#include "actors/sinks/registry.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/sink_sections.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace sluice::test {

class postgres_fixture {
public:
  explicit postgres_fixture(postgres_server& server)
      : dsn{server.new_database()}, look{dsn} {
    given = {{"dsn", secret{[text = dsn] {
                return caf::expected<std::string>{text};
              }}},
             {"table", std::string{"captures"}},
             {"create", true}};
  }

  [[nodiscard]] static const sink_type& type() {
    return *find_sink_type("postgres");
  }

  [[nodiscard]] config::section section() const {
    return section_of(type().spec, given);
  }

  /// Through another host than the server's own.
  void go_through(const std::string& host) {
    given["dsn"] = secret{[text = dsn + " host=" + host] {
      return caf::expected<std::string>{text};
    }};
  }

  [[nodiscard]] std::unique_ptr<sink> make() const {
    return type().make({"job", "name"}, section());
  }

  /// What the table has in one column, in the order of delivery.
  std::string column(const std::string& sql) {
    return look.ask_all("SELECT " + sql
                        + " FROM captures"
                          " ORDER BY sluice_delivery, ctid");
  }

  std::string dsn;
  postgres_client look;
  given_values given;
};

} // namespace sluice::test

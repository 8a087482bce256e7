// The databases that a job under torture writes rows to.

#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace sluice::torture {

class tables {
public:
  /// The job's folder. Starts a PostgreSQL server if one is installed.
  explicit tables(std::filesystem::path folder);

  /// The lines of the config for the sinks.
  [[nodiscard]] std::string sinks() const;

  /// The captures in each table, one per line, with the table's name for the
  /// report. Throws if they cannot be read.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>>
  captures() const;

private:
  std::filesystem::path folder_;
  std::string dsn_; ///< empty without a server
};

} // namespace sluice::torture

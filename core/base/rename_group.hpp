// Several renames that belong together: all are done, or all are undone.

#pragma once

#include "core/base/error.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace sluice {

class rename_group {
public:
  using path = std::filesystem::path;
  using rename_function =
    std::function<void(const path& from, const path& to, std::error_code&)>;

  /// `when_undone` ends the message of a failure after which all names are as
  /// before. `how` stands for std::filesystem::rename.
  explicit rename_group(std::string when_undone, rename_function how = {});

  /// Renames now; after a failure undoes all before it. Errors: ec::disk, with
  /// the commands that are left for the user where a name could not be undone.
  [[nodiscard]] caf::error rename(const path& from, const path& to);

  /// The same, unless there is no `from`.
  [[nodiscard]] caf::error rename_if_there(const path& from, const path& to);

private:
  /// The commands for what could not be undone; empty: all is as before.
  [[nodiscard]] std::string undo();

  std::string when_undone_;
  rename_function how_;
  std::vector<std::pair<path, path>> done_;
};

} // namespace sluice

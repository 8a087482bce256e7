// Several renames as one: either all are done, or all are undone. For a ledger
// and the files next to it, when a new job takes their place.

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

  /// `when_undone` ends the error message if all names could be restored. `how`
  /// replaces std::filesystem::rename.
  explicit rename_group(std::string when_undone, rename_function how = {});

  /// Renames at once; on failure, undoes all earlier renames. Errors: ec::disk;
  /// if a rename could not be undone, with the commands to undo it by hand.
  [[nodiscard]] caf::error rename(const path& from, const path& to);

  /// Like `rename`, but does nothing if `from` does not exist.
  [[nodiscard]] caf::error rename_if_there(const path& from, const path& to);

private:
  /// Returns commands for what could not be undone; empty if nothing is left.
  [[nodiscard]] std::string undo();

  std::string when_undone_;
  rename_function how_;
  std::vector<std::pair<path, path>> done_;
};

} // namespace sluice

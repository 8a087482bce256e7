#include "core/base/state_folder.hpp"

#include <cstdlib>

namespace sluice {

namespace {

std::filesystem::path state_directory() {
  if (auto* xdg = std::getenv("XDG_STATE_HOME"); xdg && *xdg == '/')
    return xdg;
  if (auto* home = std::getenv("HOME"); home && *home == '/')
    return std::filesystem::path{home} / ".local" / "state";
  return std::filesystem::temp_directory_path();
}

} // namespace

std::filesystem::path state_folder() {
  return state_directory() / "sluice";
}

} // namespace sluice

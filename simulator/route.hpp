// What a request asks for, read from its method and path.

#pragma once

#include "simulator/wire.hpp"

#include <string>
#include <string_view>

namespace sluice::sim {

/// What the paths of signed downloads begin with, in every dialect.
inline constexpr std::string_view file_prefix = "/files/";

struct route {
  enum class target { submit, runs, status, page, download, file, unknown };
  target to = target::unknown;
  std::string name; ///< of status and download: the run; of file: the file
};

[[nodiscard]] route
find_route(dialect form, std::string_view method, std::string_view path);

} // namespace sluice::sim

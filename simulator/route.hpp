// The target of a request, parsed from its method and path.

#pragma once

#include "simulator/wire.hpp"

#include <string>
#include <string_view>

namespace sluice::sim {

/// The path prefix of signed downloads in every dialect.
inline constexpr std::string_view file_prefix = "/files/";

struct route {
  enum class target { submit, runs, status, page, download, file, unknown };
  target to = target::unknown;
  std::string name; ///< the run of a status or download, or the file
};

[[nodiscard]] route
find_route(dialect form, std::string_view method, std::string_view path);

} // namespace sluice::sim

#include "core/http_date.hpp"

#include <ctime>
#include <iomanip>
#include <locale>
#include <sstream>

namespace sluice {

std::optional<int64_t> read_http_date(const std::string& text) {
  std::tm parts{};
  std::istringstream in{text};
  in.imbue(std::locale::classic());
  in >> std::get_time(&parts, "%a, %d %b %Y %H:%M:%S GMT");
  if (in.fail())
    return std::nullopt;
  return timegm(&parts);
}

} // namespace sluice

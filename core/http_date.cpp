#include "core/http_date.hpp"

#include "core/ascii.hpp"

#include <algorithm>
#include <ctime>
#include <iomanip>
#include <locale>
#include <sstream>

namespace sluice {

using std::chrono::seconds;

std::optional<int64_t> read_http_date(const std::string& text) {
  std::tm parts{};
  std::istringstream in{text};
  in.imbue(std::locale::classic());
  in >> std::get_time(&parts, "%a, %d %b %Y %H:%M:%S GMT");
  if (in.fail())
    return std::nullopt;
  return timegm(&parts);
}

std::optional<seconds>
read_wait(const std::string& text, const http_reply& reply, seconds longest) {
  constexpr auto digits = "0123456789";
  if (!text.empty() && text.find_first_not_of(digits) == std::string::npos)
    // More than a number can hold is more than the longest, too.
    return std::min(longest,
                    seconds{read_number<int64_t>(text).value_or(INT64_MAX)});
  auto date = reply.header("date");
  auto then = read_http_date(text);
  auto sent = date ? read_http_date(*date) : std::nullopt;
  if (!then || !sent)
    return std::nullopt;
  return std::clamp(seconds{*then - *sent}, seconds{0}, longest);
}

} // namespace sluice

#include "core/http/http_date.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>
#include <ctime>
#include <iomanip>
#include <limits>
#include <locale>
#include <sstream>

namespace sluice {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Parses `text` with a marker appended: libstdc++ reports no failure if the
/// text ends before the form does.
std::optional<std::tm> read_form(const std::string& text, const char* form) {
  std::tm parts{};
  std::istringstream in{text + '$'};
  in.imbue(std::locale::classic());
  in >> std::get_time(&parts, form);
  auto whole =
    !in.fail() && in.peek() == std::istringstream::traits_type::eof();
  return whole ? std::optional{parts} : std::nullopt;
}

/// The latest date with this two-digit year that is at most 50 years after
/// `now`.
int64_t in_right_century(std::tm parts, std::time_t now) {
  std::tm latest{};
  gmtime_r(&now, &latest);
  latest.tm_year += 50;
  parts.tm_year = latest.tm_year / 100 * 100 + parts.tm_year % 100;
  if (timegm(&parts) > timegm(&latest))
    parts.tm_year -= 100;
  return timegm(&parts);
}

} // namespace

std::optional<int64_t> read_http_date(const std::string& text, int64_t now) {
  for (auto form : {"%a, %d %b %Y %H:%M:%S GMT$", "%a %b %d %H:%M:%S %Y$"})
    if (auto parts = read_form(text, form))
      return timegm(&*parts);
  if (auto parts = read_form(text, "%a, %d-%b-%y %H:%M:%S GMT$"))
    return in_right_century(*parts, now);
  return std::nullopt;
}

int64_t sent_at(const http_reply& reply) {
  auto came = std::chrono::floor<seconds>(reply.received.time_since_epoch());
  auto now = int64_t{came.count()};
  auto date = reply.header("date");
  return date ? read_http_date(*date, now).value_or(now) : now;
}

std::optional<seconds> clock_ahead_of(const http_reply& reply) {
  auto came = std::chrono::floor<seconds>(reply.received.time_since_epoch());
  auto asked = std::chrono::floor<seconds>(reply.received.time_since_epoch()
                                           - reply.latency);
  auto date = reply.header("date");
  auto written = date ? read_http_date(*date, came.count()) : std::nullopt;
  if (!written || reply.header("age") != nullptr)
    return std::nullopt;
  seconds theirs{*written};
  if (theirs < asked - seconds{1})
    return asked - theirs;
  return theirs > came + seconds{1} ? came - theirs : seconds{0};
}

std::optional<uint64_t> read_thousandths(std::string_view text) {
  constexpr auto most = std::numeric_limits<uint64_t>::max() / 1000 - 1;
  auto point = std::min(text.find('.'), text.size());
  auto whole = text.substr(0, point);
  auto fraction = text.substr(std::min(point + 1, text.size()));
  auto is_number = [](std::string_view digits) {
    return !digits.empty()
           && std::all_of(digits.begin(), digits.end(), is_digit);
  };
  if (!is_number(whole) || (point < text.size() && !is_number(fraction)))
    return std::nullopt;
  auto result = std::min(read_number<uint64_t>(whole).value_or(most), most);
  for (size_t i = 0; i < 3; ++i)
    result =
      result * 10
      + (i < fraction.size() ? static_cast<uint64_t>(fraction[i] - '0') : 0);
  auto rest = fraction.substr(std::min<size_t>(3, fraction.size()));
  return result + (rest.find_first_not_of('0') != rest.npos ? 1 : 0);
}

std::optional<milliseconds> read_wait(const std::string& text,
                                      const http_reply& reply,
                                      milliseconds longest) {
  if (auto wait = read_thousandths(text))
    return milliseconds{
      std::min<uint64_t>(*wait, static_cast<uint64_t>(longest.count()))};
  auto sent = sent_at(reply);
  auto then = read_http_date(text, sent);
  if (!then)
    return std::nullopt;
  return std::clamp<milliseconds>(seconds{*then - sent}, seconds{0}, longest);
}

} // namespace sluice
